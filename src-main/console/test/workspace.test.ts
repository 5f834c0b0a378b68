import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { cheapKdf, newWorkspace, passphrase, testConsole, testFolder } from './fixture.ts'

const wanted = { firmName: 'Alder & Co', userName: 'Anna Berger', passphrase, demo: false }
const quiet = (): void => undefined

describe('a new workspace', () => {
  test('is absent, made, locked with its names shown, and unlocked again', async () => {
    const console = testConsole()
    expect((await console.workspace.status()).state).toBe('absent')
    const { status } = await console.workspace.create(wanted, quiet)
    expect(status).toMatchObject({ state: 'unlocked', firmName: 'Alder & Co', userName: 'Anna Berger' })
    expect(status.fingerprint).toMatch(/^[0-9a-f]{4}( [0-9a-f]{4}){3}$/)
    await console.workspace.lock()
    const locked = await console.workspace.status()
    expect(locked).toMatchObject({ state: 'locked', firmName: 'Alder & Co', fingerprint: null })
    const again = await console.workspace.unlock(passphrase)
    expect(again).toMatchObject({ state: 'unlocked', fingerprint: status.fingerprint })
    expect(console.heard.map(({ name }) => name)).toContain('session:changed')
  })

  test('survives a restart of the program', async () => {
    const first = await newWorkspace()
    await first.close()
    const second = testConsole({ file: first.file }, first.folder)
    expect((await second.workspace.unlock(passphrase)).firmName).toBe('Alder & Co')
  })

  test('is refused where there is one, and where the passphrase is weak', async () => {
    const console = testConsole()
    for (const weak of ['short', 'aaaaaaaaaaaa', 'abababababab']) {
      const refused = console.workspace.create({ ...wanted, passphrase: weak }, quiet)
      await expect(refused).rejects.toMatchObject({ code: 'WEAK_PASSPHRASE' })
    }
    expect(existsSync(console.file)).toBe(false)
    await console.workspace.create(wanted, quiet)
    await expect(console.workspace.create(wanted, quiet)).rejects.toMatchObject({ code: 'WORKSPACE_EXISTS' })
  })

  test('that cannot be finished leaves no file behind', async () => {
    const folder = testFolder()
    const console = testConsole({ resourcesDir: join(folder, 'nowhere') }, folder)
    await expect(console.workspace.create(wanted, quiet)).rejects.toThrow()
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('what is wrong with a file', () => {
  test('a wrong passphrase is told apart, and nothing is unlocked', async () => {
    const console = await newWorkspace()
    await console.workspace.lock()
    await expect(console.workspace.unlock('another passphrase')).rejects.toMatchObject({
      code: 'WRONG_PASSPHRASE',
    })
    expect((await console.workspace.status()).state).toBe('locked')
  })

  test('a file that is no workspace is broken, in words', async () => {
    const folder = testFolder()
    const file = join(folder, 'workspace.lobby')
    writeFileSync(file, 'this is a letter, not a database, and long enough to be looked at')
    const status = await testConsole({ file }, folder).workspace.status()
    expect(status.state).toBe('broken')
    expect(status.problem?.code).toMatch(/^STORE_/)
  })

  test('a workspace that another console holds is broken until it is free', async () => {
    const holder = await newWorkspace()
    const other = testConsole({ file: holder.file }, holder.folder)
    expect(await other.workspace.status()).toMatchObject({
      state: 'broken',
      problem: { code: 'STORE_LOCKED' },
    })
    await holder.close()
    expect((await other.workspace.status()).state).toBe('locked')
  })

  test('there is nothing to unlock where there is no file', async () => {
    await expect(testConsole().workspace.unlock(passphrase)).rejects.toMatchObject({
      code: 'WORKSPACE_ABSENT',
    })
  })
})

describe('locking', () => {
  test('refuses every call until unlocked, and drops files', async () => {
    const console = await newWorkspace()
    const { handle } = console.files.offer('x', new Uint8Array(3))
    await console.suspended()
    await expect(console.clients.list()).rejects.toMatchObject({ code: 'LOCKED' })
    await expect(console.files.read(handle)).rejects.toMatchObject({ code: 'FILE_GONE' })
  })

  test('happens by the wall clock when nobody calls', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      let now = Date.parse('2026-06-30T08:00:00Z')
      const console = await newWorkspace('Alder & Co', { clock: () => now })
      await console.settings.save({ autoLockMinutes: 10 })
      now += 9 * 60_000
      vi.advanceTimersByTime(6_000)
      expect(console.session.current).not.toBeNull()
      await console.clients.list()
      now += 9 * 60_000
      vi.advanceTimersByTime(6_000)
      expect(console.session.current).not.toBeNull()
      now += 60_000
      vi.advanceTimersByTime(6_000)
      expect(console.session.current).toBeNull()
    } finally {
      vi.useRealTimers()
    }
  })
})

test('settings are kept, and known on the lock screen', async () => {
  const console = await newWorkspace()
  await console.settings.save({ theme: 'dark', locale: 'de-DE' })
  await console.workspace.lock()
  expect(await console.settings.get()).toMatchObject({ theme: 'dark', locale: 'de-DE', autoLockMinutes: 15 })
  await console.close()
  const again = testConsole({ file: console.file, kdf: cheapKdf }, console.folder)
  await again.workspace.unlock(passphrase)
  expect(await again.settings.get()).toMatchObject({ theme: 'dark' })
})
