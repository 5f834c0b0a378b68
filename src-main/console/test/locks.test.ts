/** What opens a workspace: its passphrase, the recovery code, and nothing that was replaced. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { formatRecoveryCode } from '../../../src-shared/model/recovery-code.ts'
import { passphrase, testConsole, type TestConsole } from './fixture.ts'

const other = 'five other words are here'
const newCode = (): string => formatRecoveryCode(randomBytes(20))
const place = ['__noydb_users__', '_locks', 'owner'] as const

async function withCode(code = newCode()): Promise<{ console: TestConsole; code: string }> {
  const console = testConsole()
  const firm = { firmName: 'Alder & Co', userName: 'Anna Berger', demo: false }
  await console.workspace.create({ ...firm, passphrase, recoveryCode: code }, () => undefined)
  return { console, code }
}

async function opens(console: TestConsole, tried: string): Promise<boolean> {
  await console.workspace.lock()
  const status = await console.workspace.unlock(tried).catch(() => null)
  return status?.state === 'unlocked'
}

test('the code sets a new passphrase, and the old one opens nothing any more', async () => {
  const { console, code } = await withCode()
  const { vaultId } = await console.clients.create({ name: 'Chevalier', key: 'VINET' })
  await console.workspace.lock()
  const { state, recoverySince } = await console.workspace.status()
  expect([state, recoverySince === null]).toEqual(['locked', false])
  const typed = code.toLowerCase().replaceAll('-', ' ')
  expect(await console.workspace.recover(typed, other)).toMatchObject({ state: 'unlocked' })
  expect((await console.clients.list()).map((client) => client.vaultId)).toEqual([vaultId])
  expect(await opens(console, passphrase)).toBe(false)
  expect(await opens(console, other)).toBe(true)
  await console.workspace.recover(code, passphrase) // on paper it is good until it is replaced
  expect(await opens(console, passphrase)).toBe(true)
})

test('another code, a mistyped one and none at all change nothing', async () => {
  const { console, code } = await withCode()
  await console.workspace.lock()
  const swapped = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`
  for (const wrong of [newCode(), swapped, 'none']) {
    await expect(console.workspace.recover(wrong, other)).rejects.toMatchObject({
      code: 'WRONG_RECOVERY_CODE',
    })
  }
  await expect(console.workspace.recover(code, 'short')).rejects.toMatchObject({ code: 'WEAK_PASSPHRASE' })
  await console.workspace.unlock(passphrase)
  await console.workspace.setRecoveryCode(passphrase, null)
  expect((await console.workspace.status()).recoverySince).toBeNull()
  await console.workspace.lock()
  await expect(console.workspace.recover(code, other)).rejects.toMatchObject({ code: 'WRONG_RECOVERY_CODE' })
})

test('a change of passphrase asks for the present one, and leaves the code good', async () => {
  const { console, code } = await withCode()
  const wrong = console.workspace.changePassphrase('not this one at all', other)
  await expect(wrong).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
  const weak = console.workspace.changePassphrase(passphrase, 'aaaaaaaaaaaa')
  await expect(weak).rejects.toMatchObject({ code: 'WEAK_PASSPHRASE' })
  await console.workspace.changePassphrase(passphrase, other)
  expect(await opens(console, passphrase)).toBe(false)
  expect(await opens(console, other)).toBe(true)
  await console.workspace.lock()
  expect(await console.workspace.recover(code, passphrase)).toMatchObject({ state: 'unlocked' })
})

test('a new code makes the old one worthless', async () => {
  const { console, code } = await withCode()
  const next = newCode()
  const wrong = console.workspace.setRecoveryCode(other, next)
  await expect(wrong).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
  await console.workspace.setRecoveryCode(passphrase, next)
  await console.workspace.lock()
  await expect(console.workspace.recover(code, other)).rejects.toMatchObject({ code: 'WRONG_RECOVERY_CODE' })
  expect(await console.workspace.recover(next, other)).toMatchObject({ state: 'unlocked' })
})

test('the trail tells of each change, and of no secret', async () => {
  const { console, code } = await withCode()
  await console.workspace.changePassphrase(passphrase, other)
  await console.workspace.setRecoveryCode(other, null)
  const { rows } = await console.activity.list({ limit: 10 })
  expect(rows.slice(0, 2).map(({ command }) => command)).toEqual([
    'workspace.removeRecoveryCode',
    'workspace.changePassphrase',
  ])
  expect(JSON.stringify(rows)).not.toContain(code)
})

test('what lies in the file costs a derivation and gives nothing away', async () => {
  const { console } = await withCode()
  const row = await console.session.current?.store.get(...place)
  const lock = JSON.parse(row?._data ?? '{}') as {
    passphrase: object
    recovery: { data: string; iv: string }
  }
  expect(Object.keys(lock.passphrase).sort()).toEqual(['data', 'iv', 'kdf', 'salt'])
  expect(Object.keys(lock.recovery).sort()).toEqual(['createdAt', 'data', 'iv', 'salt'])
})

test.each([
  ['no JSON', () => '{'],
  [
    'a derivation nobody can pay for',
    (data: string) => data.replace('"memoryKiB":8', '"memoryKiB":99999999'),
  ],
  ['a seal that is gone', () => '{"recovery":null}'],
])('a lock with %s is damage, not a wrong passphrase', async (_what, spoil) => {
  const { console } = await withCode()
  const store = console.session.current?.store
  const row = await store?.get(...place)
  if (!store || !row) throw new Error('there is a lock')
  await store.put(...place, { ...row, _data: spoil(row._data) }, row._v)
  await console.workspace.lock()
  await expect(console.workspace.unlock(passphrase)).rejects.toMatchObject({ code: 'KEYRING_DAMAGED' })
})

test('one seal does not stand in the place of the other, nor one of another workspace', async () => {
  const { console } = await withCode()
  const { console: elsewhere } = await withCode()
  const store = console.session.current?.store
  const row = await store?.get(...place)
  const foreign = await elsewhere.session.current?.store.get(...place)
  if (!store || !row || !foreign) throw new Error('there are locks')
  await store.put(...place, { ...row, _v: row._v + 1, _data: foreign._data }, row._v)
  // It opens with the same passphrase, but what it gives out opens no vault here.
  expect(await opens(console, passphrase)).toBe(false)
})
