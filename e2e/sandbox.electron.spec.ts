// The window of an ordinary user runs its pages in Chromium's sandbox.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { electronRuntime } from './electron-runtime.ts'
import { expect, test } from './fixtures.ts'
import { sandboxObstacle } from './hosts/sandbox.ts'

test.use({ sandbox: true })

test.beforeAll(async () => {
  const { executablePath } = await electronRuntime()
  const obstacle = sandboxObstacle(executablePath, resolve(import.meta.dirname, '../out/main'))
  test.skip(obstacle !== undefined, `No sandbox here: ${obstacle ?? ''}`)
})

test('pages run behind a system call filter', async ({ console }) => {
  test.skip(process.platform !== 'linux', 'read from /proc')
  const app = console.electron
  if (!app) throw new Error('This test needs the window.')
  expect(await app.evaluate((electron) => electron.app.commandLine.hasSwitch('no-sandbox'))).toBe(false)
  const pids = await app.evaluate((electron) =>
    electron.app.getAppMetrics().flatMap((process) => (process.type === 'Tab' ? [process.pid] : [])),
  )
  expect(pids.length).toBeGreaterThan(0)
  for (const pid of pids) expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Seccomp:\s*2$/m)
})
