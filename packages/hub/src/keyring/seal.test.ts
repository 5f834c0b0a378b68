import { describe, expect, it } from 'vitest'
import { newKey } from '../crypto/aead.ts'
import { publicKeyOf } from '../crypto/curve25519.ts'
import { InvalidKeyError, KeyringCorruptError, NoAccessError, TamperedError } from '../errors.ts'
import { memory } from '../memory.ts'
import { member, session } from '../noydb/test-session.ts'
import type { NoydbStore } from '../types/store.ts'
import type { KeyringFile } from './keyring-file.ts'
import { ROLES } from './roles.ts'
import { authorityKeys, isSealed, sealFile, signDelivery } from './seal.ts'

type Edit = (file: KeyringFile) => Record<string, unknown>

const open = async (store: NoydbStore, user = 'olga', secret = 'correct horse') =>
  (await session(store, { user, secret })).openVault('v', { create: false })

async function readFile(store: NoydbStore, user = 'olga', vault = 'v'): Promise<KeyringFile> {
  const envelope = await store.get(vault, '_keyring', user)
  if (envelope === null) throw new Error(`no keyring of ${user}`)
  return JSON.parse(envelope._data) as KeyringFile // what was just written
}

async function writeFile(store: NoydbStore, file: unknown, user = 'olga'): Promise<void> {
  const envelope = await store.get('v', '_keyring', user)
  await store.put('v', '_keyring', user, { ...envelope!, _data: JSON.stringify(file) }) // there: read before
}

async function edit(store: NoydbStore, change: Edit, user = 'olga'): Promise<void> {
  const file = await readFile(store, user)
  await writeFile(store, { ...file, ...change(file) }, user)
}

async function office() {
  const store = memory()
  const ann = await session(store)
  await (await ann.openVault('v')).collection('c').put('x', { n: 1 })
  await (await ann.openVault('w')).collection('c').put('x', { n: 1 })
  const olga = member('olga', 'operator', {
    permissions: { c: 'ro' },
    exportCapability: { plaintext: ['csv'], bundle: false },
    expiresAt: '2100-01-01T00:00:00.000Z',
  })
  await ann.grant('v', olga)
  await ann.grant('w', olga)
  await ann.grant('v', member('vic', 'viewer'))
  await ann.grant('v', member('adam', 'admin'))
  return { store, ann }
}

/** Another base64 text of the same length. */
const damage = (base64 = ''): string => (base64.startsWith('A') ? 'B' : 'A') + base64.slice(1)

const edits: Array<[string, Edit]> = [
  ['role', () => ({ role: 'owner' })],
  ['role and permissions', () => ({ role: 'admin', permissions: {} })],
  ['permissions: one more', ({ permissions }) => ({ permissions: { ...permissions, d: 'ro' } })],
  ['permissions: writing', () => ({ permissions: { c: 'rw' } })],
  ['permissions: one less', () => ({ permissions: {} })],
  ['export: more formats', () => ({ export_capability: { plaintext: ['*'], bundle: false } })],
  ['export: bundles', () => ({ export_capability: { plaintext: ['csv'], bundle: true } })],
  ['export: the default', () => ({ export_capability: undefined })],
  ['import', () => ({ import_capability: { plaintext: ['*'] } })],
  ['expiry: later', () => ({ expires_at: '2200-01-01T00:00:00.000Z' })],
  ['expiry: never', () => ({ expires_at: undefined })],
  ['user id', () => ({ user_id: 'ann' })],
  ['display name', () => ({ display_name: 'Ann' })],
  ['creation', () => ({ created_at: '2000-01-01T00:00:00.000Z' })],
  ['granter', () => ({ granted_by: 'olga' })],
  ['generation', () => ({ generation: 2 })],
  ['box key', () => ({ box_key: publicKeyOf('x25519', newKey()) })],
  ['latent', () => ({ latent: true })],
  ['salt', ({ salt }) => ({ salt: damage(salt) })],
  ['derivation', ({ kdf }) => ({ kdf: { ...kdf, passes: 2 } })],
  ['seal: gone', () => ({ seal: undefined })],
  ['seal: by the admin', ({ seal }) => ({ seal: { ...seal, by: 'admin' } })],
  ['seal: other bytes', ({ seal }) => ({ seal: { ...seal, signature: damage(seal?.signature) } })],
]

describe('a keyring file changed in the store', () => {
  it.each(edits)('%s', async (_what, change) => {
    const { store } = await office()
    await edit(store, change)
    await expect(open(store)).rejects.toThrow(TamperedError)
    await expect(open(store)).rejects.not.toThrow(NoAccessError)
  })

  it.each(edits)('by a rotation’s recipient: %s', async (_what, change) => {
    const { store, ann } = await office()
    await ann.revoke('v', { userId: 'vic' })
    expect(await (await open(store)).collection('c').list()).toEqual([{ n: 1 }])
    await edit(store, change)
    await expect(open(store)).rejects.toThrow(TamperedError)
  })

  const keys: Array<[string, Edit]> = [
    ['a data key', ({ deks }) => ({ deks: { ...deks, c: damage(deks.c) } })],
    ['a data key in place of another', ({ deks }) => ({ deks: { ...deks, c: deks._audit ?? '' } })],
    ['the box’s secret', ({ box_secret: secret }) => ({ box_secret: damage(secret) })],
  ]
  it.each(keys)('%s is damage', async (_what, change) => {
    const { store } = await office()
    await edit(store, change)
    await expect(open(store)).rejects.toThrow(KeyringCorruptError)
    await expect(open(store, 'olga', 'wrong')).rejects.toThrow(InvalidKeyError)
  })

  it('without the vault key is damage where one belongs', async () => {
    const { store } = await office()
    await edit(store, () => ({ vault_key: undefined }), 'vic')
    await expect(open(store, 'vic')).rejects.toThrow(KeyringCorruptError)
  })

  it('another member’s, or one’s own of another vault', async () => {
    const { store } = await office()
    const own = await readFile(store)
    await writeFile(store, await readFile(store, 'vic'))
    await expect(open(store)).rejects.toThrow(TamperedError)
    await writeFile(store, await readFile(store, 'olga', 'w'))
    await expect(open(store)).rejects.toThrow(TamperedError)
    await writeFile(store, { ...own, canary: (await readFile(store, 'olga', 'w')).canary })
    await expect(open(store)).rejects.toThrow(TamperedError)
    await writeFile(store, own)
    expect((await open(store)).role).toBe('operator')
  })

  it('with a wrong secret is a wrong secret first', async () => {
    const { store } = await office()
    await edit(store, () => ({ role: 'owner' }))
    await expect(open(store, 'olga', 'wrong')).rejects.toThrow(InvalidKeyError)
  })
})

describe('signatures', () => {
  it('of a stranger, or of an admin for an owner, count for nothing', async () => {
    const { store } = await office()
    const ulid = await (await open(store, 'vic')).getBundleHandle()
    const file = await readFile(store, 'adam')
    for (const by of ['owner', 'admin'] as const) {
      await writeFile(store, sealFile({ ...file, role: 'owner' }, ulid, { by, seed: newKey() }), 'adam')
      await expect(open(store, 'adam')).rejects.toThrow(TamperedError)
    }
  })

  it('of an admin hold for whom an admin may grant', async () => {
    const { store } = await office()
    const seeds = { owner: newKey(), admin: newKey() }
    const scope = { vaultUlid: 'ulid', authority: authorityKeys(seeds) }
    const file = await readFile(store)
    for (const role of ROLES) {
      const claims = { ...file, role }
      const [byAdmin, byOwner] = (['admin', 'owner'] as const).map((by) =>
        isSealed(sealFile(claims, 'ulid', { by, seed: seeds[by] }), scope),
      )
      expect([byAdmin, byOwner]).toEqual([role !== 'owner' && role !== 'custodian', true])
    }
  })

  it('of a stranger on a delivery neither', async () => {
    const { store } = await office()
    const ulid = await (await open(store, 'vic')).getBundleHandle()
    const file = await readFile(store)
    const forged = { by: 'owner', seed: newKey() } as const
    const delivery = signDelivery(file, { generation: 2, box: 'AAAA' }, ulid, forged)
    await writeFile(store, { ...file, delivery })
    await expect(open(store)).rejects.toThrow(TamperedError)
  })
})

describe('a rotation', () => {
  it('gives nothing to a keyring that is not as it was granted', async () => {
    const { store, ann } = await office()
    await edit(store, () => ({ role: 'viewer', permissions: {} }))
    await writeFile(store, 'not a keyring', 'adam')
    await ann.revoke('v', { userId: 'vic' })
    expect((await readFile(store)).delivery).toBeUndefined()
    await expect(open(store)).rejects.toThrow(TamperedError)
    await expect(open(store, 'adam')).rejects.toThrow(KeyringCorruptError)
    await ann.grant('v', member('olga', 'operator', { permissions: { c: 'ro' } }))
    expect(await (await open(store)).collection('c').list()).toEqual([{ n: 1 }])
    await expect(ann.setExportCapability('v', { userId: 'adam', exportCapability: null })).rejects.toThrow(
      TamperedError,
    )
    await ann.revoke('v', { userId: 'adam' })
    expect(await store.get('v', '_keyring', 'adam')).toBeNull()
  })

  it('gives nothing to what was granted before something less was', async () => {
    const { store, ann } = await office()
    const before = await readFile(store, 'vic')
    await ann.grant('v', member('vic', 'operator', { permissions: { c: 'ro' } }))
    await writeFile(store, before, 'vic')
    await ann.revoke('v', { userId: 'olga' })
    expect(await readFile(store, 'vic')).toEqual(before)
    await expect((await open(store, 'vic')).collection('c').list()).rejects.toThrow(NoAccessError)
  })

  it('gives nothing to a keyring that somebody made up', async () => {
    const { store, ann } = await office()
    const file = await readFile(store, 'vic')
    const made = { ...file, user_id: 'eve', box_key: publicKeyOf('x25519', newKey()) }
    const envelope = await store.get('v', '_keyring', 'vic')
    await store.put('v', '_keyring', 'eve', { ...envelope!, _data: JSON.stringify(made) }) // vic has one
    await ann.revoke('v', { userId: 'olga' })
    expect((await readFile(store, 'eve')).delivery).toBeUndefined()
    expect((await readFile(store, 'vic')).delivery).toBeDefined()
    await ann.revoke('v', { userId: 'eve' })
    expect(await store.get('v', '_keyring', 'eve')).toBeNull()
  })

  it('is refused when the list of members was changed or taken away', async () => {
    const { store, ann } = await office()
    const roster = await store.get('v', '_access', 'roster')
    if (roster === null) throw new Error('no roster')
    await store.put('v', '_access', 'roster', { ...roster, _data: damage(roster._data) })
    await expect(ann.revoke('v', { userId: 'vic' })).rejects.toThrow(TamperedError)
    await store.delete('v', '_access', 'roster')
    await expect(ann.revoke('v', { userId: 'vic' })).rejects.toThrow(TamperedError)
    expect(await store.get('v', '_keyring', 'vic')).not.toBeNull()
  })

  it('is not undone by putting back a member’s earlier keyring', async () => {
    const { store, ann } = await office()
    const before = await readFile(store, 'adam')
    const live = await open(store, 'adam')
    await ann.revoke('v', { userId: 'vic' })
    await live.collection('c').put('y', { n: 2 })
    await writeFile(store, before, 'adam')
    const again = await open(store, 'adam')
    await expect(again.collection('c').list()).rejects.toThrow(NoAccessError)
    await expect(again.collection('d').put('x', {})).rejects.toThrow(NoAccessError)
  })
})
