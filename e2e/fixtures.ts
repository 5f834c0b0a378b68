// What every spec starts from: its own data folder, one of the two hosts, and a page that fails on any script error.
//
//   import { expect, test } from './fixtures.ts'
//   test.use({ scenario: 'two-vaults-conflict' })
//   test('keeps ours', async ({ page }) => { … })
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test as base, type ElectronApplication, expect, type Page } from 'playwright/test'
import { startElectron } from './hosts/electron.ts'
import { startLoopback } from './hosts/loopback.ts'

export { expect }

/** The workspace of a test, in its data folder; a scenario fills it, without one there is none yet. */
export const workspaceName = 'workspace.lobby'

export interface HostOptions {
  host: 'loopback' | 'electron'
  /** Name of a module in e2e/scenarios whose default export fills the data folder before the host starts. */
  scenario: string | undefined
  /** More options for the host, such as `--workspace=…`; `{dataDir}` is replaced. */
  hostArgs: string[]
  hostEnv: Record<string, string>
  /** The window only: run it as an ordinary user with Chromium's sandbox on, even when the tests run as root. */
  sandbox: boolean
}

interface HostFixtures {
  dataDir: string
  /** Opens the console on the data folder, and again after its `stop()`, as a person does the next morning. */
  start: () => Promise<RunningConsole>
  /** The running console; its page is also the fixture `page`. */
  console: RunningConsole
}

export interface RunningConsole {
  page: Page
  /** The window's main process; undefined in the browser. */
  electron?: ElectronApplication
  /** Everything the host printed so far. */
  output(): string
  stop(): Promise<void>
}

/** What a host needs to start. */
export interface HostStart {
  dataDir: string
  args: string[]
  env: NodeJS.ProcessEnv
  sandbox: boolean
}

type Scenario = (dataDir: string) => Promise<void>

export const test = base.extend<HostOptions & HostFixtures>({
  host: ['loopback', { option: true }],
  scenario: [undefined, { option: true }],
  hostArgs: [[], { option: true }],
  hostEnv: [{}, { option: true }],
  sandbox: [false, { option: true }],

  dataDir: async ({ scenario }, use) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'lobby-e2e-'))
    if (scenario) await (await loadScenario(scenario))(dataDir)
    await use(dataDir)
    await rm(dataDir, { recursive: true, force: true })
  },

  start: async ({ host, dataDir, hostArgs, hostEnv, sandbox }, use, testInfo) => {
    // A later --workspace wins, so a test may name another file.
    const args = [`--workspace=${join(dataDir, workspaceName)}`, ...hostArgs].map((arg) =>
      arg.replace('{dataDir}', dataDir),
    )
    const env = { ...process.env, LOBBY_CHECK_OUTPUT: '1', ...hostEnv, XDG_DATA_HOME: dataDir }
    const opened: RunningConsole[] = []
    const problems: string[] = []
    await use(async () => {
      const running = await (host === 'electron' ? startElectron : startLoopback)({
        dataDir,
        args,
        env,
        sandbox,
      })
      watch(running.page, problems)
      const once = { ...running, stop: stopOnce(running) }
      opened.push(once)
      return once
    })
    for (const running of opened) await running.stop()
    if (testInfo.status !== testInfo.expectedStatus) {
      const body = opened.map((running) => running.output()).join('\n')
      await testInfo.attach('host output', { body, contentType: 'text/plain' })
    }
    expect(problems, 'script errors in the page').toEqual([])
  },

  console: async ({ start }, use) => {
    await use(await start())
  },

  page: async ({ console }, use) => {
    await use(console.page)
  },
})

async function loadScenario(name: string): Promise<Scenario> {
  const module = (await import(resolve(import.meta.dirname, `scenarios/${name}.ts`))) as { default: Scenario }
  return module.default
}

function stopOnce(running: RunningConsole): () => Promise<void> {
  let stopped: Promise<void> | undefined
  return () => (stopped ??= running.stop())
}

/** Waiting for a control: generous, because tests share their machine. */
const actionTimeout = 20_000

/** Collects what a person with the developer tools open would see in red. */
function watch(page: Page, problems: string[]): void {
  page.setDefaultTimeout(actionTimeout)
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    const { url } = message.location()
    // The browser asks for a tab icon by itself; no page of ours does.
    if (message.type() === 'error' && !url.endsWith('/favicon.ico')) problems.push(`${message.text()} ${url}`)
  })
}
