// Starts the built console in a real Electron window on its own data folder.
import { _electron } from 'playwright/test'
import { electronRuntime } from '../electron-runtime.ts'
import type { HostStart, RunningConsole } from '../fixtures.ts'
import { isRoot, runAsNobody, sandboxWorks } from './sandbox.ts'

export async function startElectron({ dataDir, args, env, sandbox }: HostStart): Promise<RunningConsole> {
  const { executablePath, appArgs } = await electronRuntime()
  const asNobody = sandbox && isRoot
  const app = await _electron.launch({
    executablePath: asNobody ? await runAsNobody(executablePath, dataDir) : executablePath,
    // Playwright adds --no-sandbox unless told that the sandbox works.
    chromiumSandbox: asNobody || sandboxWorks,
    args: [...appArgs, `--user-data-dir=${dataDir}`, ...args],
    env: definedOnly(env),
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

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
