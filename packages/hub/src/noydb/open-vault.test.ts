import { describe, expect, it } from 'vitest'
import { countDerivations } from '../crypto/kdf.ts'
import {
  InvalidKeyError,
  KeyringCorruptError,
  NoAccessError,
  ReservedVaultNameError,
  TamperedError,
  ValidationError,
} from '../errors.ts'
import { memory } from '../memory.ts'
import type { NoydbStore } from '../types/store.ts'
import { createNoydb } from './create-noydb.ts'
import { bareStore, contents, session } from './test-session.ts'

type File = Record<string, unknown> & { deks: Record<string, string> }

async function editKeyring(
  store: NoydbStore,
  vault: string,
  edit: (file: File) => void,
  user = 'ann',
): Promise<void> {
  const envelope = await store.get(vault, '_keyring', user)
  if (envelope === null) throw new Error('no keyring')
  const file = JSON.parse(envelope._data) as File
  edit(file)
  await store.put(vault, '_keyring', user, { ...envelope, _data: JSON.stringify(file) })
}

/** Another base64 text of the same length. */
function damage(base64: string): string {
  return (base64.startsWith('A') ? 'B' : 'A') + base64.slice(1)
}

describe('openVault', () => {
  it('makes an owner keyring at once in a vault that has none', async () => {
    const store = memory()
    const vault = await (await session(store)).openVault('v')
    expect(vault).toMatchObject({ name: 'v', userId: 'ann', role: 'owner' })
    expect(await store.list('v', '_keyring')).toEqual(['ann'])
    const file = JSON.parse((await store.get('v', '_keyring', 'ann'))?._data ?? '') as File
    expect(file).toMatchObject({ _noydb_keyring: 1, user_id: 'ann', role: 'owner', granted_by: 'ann' })
    expect(Object.keys(file.deks).sort()).toEqual(['_audit', '_bases', '_conflicts', '_imports', '_tx'])
    expect(await vault.getBundleHandle()).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
  })

  it('refuses create: false without a keyring and leaves no trace', async () => {
    const store = memory()
    const db = await session(store)
    await expect(db.openVault('v', { create: false })).rejects.toThrow(NoAccessError)
    expect(await store.listVaults()).toEqual([])
  })

  it.each([true, false])('never makes a keyring in a vault held by others (create: %s)', async (create) => {
    const store = memory()
    await (await session(store)).openVault('v')
    const before = await contents(store, ['v', '__noydb_users__'])
    const eve = await session(store, { user: 'eve' })
    await expect(eve.openVault('v', { create })).rejects.toThrow(NoAccessError)
    expect(await contents(store, ['v', '__noydb_users__'])).toEqual(before)
  })

  it('tells a wrong secret, a damaged key, a damaged canary and a damaged file apart', async () => {
    const store = memory()
    await (await session(store)).openVault('v')
    const wrong = await session(store, { secret: 'wrong' })
    await expect(wrong.openVault('v')).rejects.toThrow(InvalidKeyError)

    await editKeyring(store, 'v', (file) => (file.deks._audit = damage(file.deks._audit ?? '')))
    const corrupt = await (await session(store)).openVault('v').catch((error: unknown) => error)
    expect(corrupt).toBeInstanceOf(KeyringCorruptError)
    expect(corrupt).toMatchObject({ failedCollections: ['_audit'], intactCount: 4 })

    await editKeyring(store, 'v', (file) => (file.canary = damage(String(file.canary))))
    await expect((await session(store)).openVault('v')).rejects.toThrow(KeyringCorruptError)
    await expect((await session(store, { secret: 'wrong' })).openVault('v')).rejects.toThrow(InvalidKeyError)

    await editKeyring(store, 'v', (file) => (file.role = 'emperor'))
    await expect((await session(store)).openVault('v')).rejects.toThrow(KeyringCorruptError)
  })

  it('detects a wrong secret when the keyring holds no data key', async () => {
    const store = memory()
    await (await session(store)).openVault('v')
    await editKeyring(store, 'v', (file) => (file.deks = {}))
    await expect((await session(store, { secret: 'wrong' })).openVault('v')).rejects.toThrow(InvalidKeyError)
  })

  it('refuses a keyring of another vault and a changed handle', async () => {
    const store = memory()
    const db = await session(store)
    await db.openVault('a')
    await db.openVault('b')
    const other = await store.get('b', '_keyring', 'ann')
    const own = await store.get('a', '_keyring', 'ann')
    if (other === null || own === null) throw new Error('no keyring')
    await store.put('a', '_keyring', 'ann', other)
    await expect((await session(store)).openVault('a')).rejects.toThrow(TamperedError)
    await store.put('a', '_keyring', 'ann', own)
    const handle = await store.get('b', '_meta', 'handle')
    if (handle === null) throw new Error('no handle')
    await store.put('b', '_meta', 'handle', { ...handle, _data: '{"handle":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}' })
    await expect((await session(store)).openVault('b')).rejects.toThrow(TamperedError)
  })

  it('refuses key derivation parameters beyond the caps', async () => {
    const store = memory()
    await (await session(store)).openVault('v')
    await editKeyring(store, 'v', (file) => (file.kdf = { memoryKiB: 2 ** 30, passes: 1, parallelism: 1 }))
    await expect((await session(store)).openVault('v')).rejects.toThrow(KeyringCorruptError)
    const kdf = { memoryKiB: 8, passes: 1000, parallelism: 1 }
    await expect(session(store, { kdf })).rejects.toThrow(ValidationError)
  })

  it('gives the same object for the same name, also to callers at once', async () => {
    const db = await session(memory())
    const [one, two] = await Promise.all([db.openVault('v'), db.openVault('v')])
    expect(one).toBe(two)
    expect(await db.openVault('v')).toBe(one)
  })

  it.each([
    ['a store with transactions', memory],
    ['a bare store', bareStore],
  ])(
    'makes one keyring and one salt when two sessions open first at once on %s',
    async (_name, makeStore) => {
      const store = makeStore()
      const [one, two] = await Promise.all([session(store), session(store)])
      const vaults = await Promise.all([
        one.openVault('v'),
        two.openVault('v'),
        one.openVault('w'),
        two.openVault('w'),
      ])
      await vaults[0].collection('c').put('x', { n: 1 })
      expect(await vaults[1].collection('c').get('x')).toEqual({ n: 1 })
      const again = await (await session(store)).openVault('v')
      expect(await again.collection('c').get('x')).toEqual({ n: 1 })
    },
  )

  it('derives once for many vaults of one user', async () => {
    const store = memory()
    const first = await session(store)
    const start = countDerivations()
    for (let n = 0; n < 20; n += 1) await first.openVault(`v${n}`)
    expect(countDerivations() - start).toBe(1)
    const second = await session(store)
    await Promise.all(Array.from({ length: 20 }, (_, n) => second.openVault(`v${n}`)))
    expect(countDerivations() - start).toBe(2)
  })

  it('checks its arguments', async () => {
    const store = memory()
    await expect(createNoydb({ store, user: 'ann' })).rejects.toThrow(ValidationError)
    const db = await session(store)
    await expect(db.openVault('')).rejects.toThrow(ValidationError)
    await expect(db.openVault('__noydb_users__')).rejects.toThrow(ReservedVaultNameError)
    await expect(db.openVault('x'.repeat(257))).rejects.toThrow(ValidationError)
  })
})

describe('Noydb', () => {
  it('lists the vaults this user can unlock, without the reserved one', async () => {
    const store = memory()
    const ann = await session(store)
    await ann.openVault('a')
    await (await session(store, { user: 'bob', secret: 'other' })).openVault('b')
    expect(await ann.listAccessibleVaults()).toEqual([{ id: 'a', role: 'owner' }])
    expect(await (await session(store, { secret: 'wrong' })).listAccessibleVaults()).toEqual([])
    expect(await (await session(store)).listAccessibleVaults({ minRole: 'admin' })).toHaveLength(1)
  })

  it('answers for many vaults in their order, failures in their slots', async () => {
    const db = await session(memory())
    await db.openVault('a')
    await db.openVault('c')
    const results = await db.queryAcross(['c', 'b', 'a'], (vault) => Promise.resolve(vault.name), {
      create: false,
      concurrency: 2,
    })
    expect(results.map(({ vault, result }) => [vault, result])).toEqual([
      ['c', 'c'],
      ['b', undefined],
      ['a', 'a'],
    ])
    expect(results[1]?.error).toBeInstanceOf(NoAccessError)
    expect(await db.queryAcross([], () => Promise.resolve(1))).toEqual([])
  })

  it('refuses everything after close', async () => {
    const store = memory()
    const db = await session(store)
    const collection = (await db.openVault('v')).collection('c')
    await collection.put('x', { n: 1 })
    db.close()
    expect(db.isClosed).toBe(true)
    await expect(db.openVault('v')).rejects.toThrow(ValidationError)
    await expect(collection.get('x')).rejects.toThrow(ValidationError)
    await expect(collection.put('x', {})).rejects.toThrow(ValidationError)
    await expect(db.queryAcross([], () => Promise.resolve(1))).rejects.toThrow(ValidationError)
  })

  it('knows provisioned vaults by their keyring alone', async () => {
    const store = memory()
    const db = await session(store)
    expect(await db._shardVaultProvisioned('v')).toBe(false)
    await db.openVault('v')
    const eve = await session(store, { user: 'eve' })
    expect(await eve._shardVaultProvisioned('v')).toBe(true)
    expect(db._resolveBackend('v')).toBe(store)
    expect(db._store).toBe(store)
  })

  it('works without encryption: no keyring, bodies in clear', async () => {
    const store = memory()
    const plain = { encrypt: false, secret: undefined as never }
    const vault = await (await session(store, plain)).openVault('v', { create: false })
    await vault.collection('c').put('x', { n: 1 })
    expect(await store.get('v', 'c', 'x')).toMatchObject({ _iv: '', _data: '{"n":1}', _v: 1 })
    expect(await store.list('v', '_keyring')).toEqual([])
    const other = await (await session(store, { ...plain, user: 'bob' })).openVault('v')
    expect(await other.collection('c').list()).toEqual([{ n: 1 }])
    expect(other.role).toBe('owner')
  })
})
