// Starts the built console in a real Electron window on its own data folder.
import { _electron, errors, type ElectronApplication } from 'playwright/test'
import { electronRuntime } from '../electron-runtime.ts'
import type { HostStart, RunningConsole } from '../fixtures.ts'
import { isRoot, runAsNobody, sandboxWorks } from './sandbox.ts'

export async function startElectron({ dataDir, args, env, sandbox }: HostStart): Promise<RunningConsole> {
  const { executablePath, appArgs } = await electronRuntime()
  const asNobody = sandbox && isRoot
  const app = await launch({
    executablePath: asNobody ? await runAsNobody(executablePath, dataDir) : executablePath,
    // Playwright adds --no-sandbox unless told that the sandbox works.
    chromiumSandbox: asNobody || sandboxWorks,
    args: [...appArgs, `--user-data-dir=${dataDir}`, ...args],
    env: definedOnly(env),
    timeout: launchMs,
  })
  let output = ''
  const collect = (chunk: Buffer): void => {
    output += chunk.toString()
  }
  app.process().stdout?.on('data', collect)
  app.process().stderr?.on('data', collect)
  const page = await app.firstWindow()
  return { page, electron: app, output: () => output, stop: () => app.close() }
}

/** A window is there within two seconds, on a machine that is ten times busier within twenty. */
const launchMs = 45_000

/**
 * Once in very many launches the runtime's debugger attaches too late and Playwright waits for a first event that
 * has passed, though the window is open. Playwright has ended that one; a second launch is another.
 */
async function launch(options: LaunchOptions): Promise<ElectronApplication> {
  try {
    return await _electron.launch(options)
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error
    process.stderr.write('The first launch of the window was not noticed; it is launched again.\n')
    return _electron.launch(options)
  }
}

type LaunchOptions = NonNullable<Parameters<typeof _electron.launch>[0]>

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
