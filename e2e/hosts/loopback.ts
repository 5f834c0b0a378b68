// Starts the loopback host on Node 24 with a free port and opens it in Chromium the way a person does.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { chromium } from 'playwright/test'
import type { HostStart, RunningConsole } from '../fixtures.ts'
import { waitForLine } from './output.ts'
import { sandboxWorks } from './sandbox.ts'

const root = resolve(import.meta.dirname, '../..')
const node24 = resolve(root, 'node_modules/node/bin/node')

// Chromium of the system, quiet: no traffic of its own.
const browserArgs = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

function chromiumPath(): string {
  const candidates = [
    process.env['LOBBY_CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]
  const found = candidates.find((path) => path !== undefined && existsSync(path))
  if (!found)
    throw new Error('No Chromium: install the package chromium, or set LOBBY_CHROMIUM to a browser.')
  return found
}

export async function startLoopback({ args, env }: HostStart): Promise<RunningConsole> {
  const server = spawn(node24, [resolve(root, 'out/serve/server.js'), '--port', '0', ...args], { env })
  const lines = waitForLine(server, /^open (http:\S+)/m)
  const browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: browserArgs,
    chromiumSandbox: sandboxWorks,
  })
  const stop = async (): Promise<void> => {
    await browser.close()
    if (server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
  try {
    const address = (await lines.found)[1] ?? ''
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(address)
    return { page, output: lines.output, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
