import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  DecryptionError,
  InvalidKeyError,
  NoAccessError,
  PermissionDeniedError,
  ValidationError,
} from '../errors.ts'
import {
  createDeedOwner,
  CustodyApi,
  isDeedVault,
  liberateVault,
  loadDeedMarker,
  MemorySealingKeyProvider,
} from '../index.ts'
import { memory } from '../memory.ts'
import { bareStore, CHEAP_KDF, contents, member, session } from '../noydb/test-session.ts'
import type { EncryptedEnvelope, NoydbStore } from '../types/store.ts'

const notary = new MemorySealingKeyProvider({ id: 'notary' })
const deed = (store: NoydbStore, owner = 'heir', sealing = notary) =>
  createDeedOwner(store, 'v', owner, sealing, { kdf: CHEAP_KDF })

/** What the provider gives back: the secret of the owner by deed. */
async function unsealed(store: NoydbStore): Promise<string> {
  const row = await store.get('v', '_meta', 'sealed-passphrase')
  const { provider, sealed } = JSON.parse(row?._data ?? '') as { provider: string; sealed: string }
  expect(provider).toBe('notary')
  return Buffer.from(await notary.unseal(Buffer.from(sealed, 'base64'))).toString('base64')
}

async function custody(store: NoydbStore = memory()) {
  const ann = await session(store, { audit: true })
  const vault = await ann.openVault('v')
  await vault.collection('c').put('x', { n: 1 })
  await vault.collection('b').put('é/1', { n: 2 })
  await deed(store)
  const { role: _role, ...carl } = member('carl', 'custodian')
  await vault.custody.grantCustodian(carl)
  await ann.grant('v', member('vic', 'viewer'))
  return { store, ann, vault, carl: await (await session(store, { user: 'carl' })).openVault('v') }
}

const terms = { newOwnerId: 'nora', newOwnerPassphrase: 'correct horse', legalBasis: 'contract ended' }

describe('a sealing provider in memory', () => {
  it('opens what one of its id sealed, and nothing else', async () => {
    const sealed = await notary.seal(Buffer.from('secret'))
    const again = await new MemorySealingKeyProvider({ id: 'notary' }).unseal(sealed)
    expect(Buffer.from(again).toString()).toBe('secret')
    const other = new MemorySealingKeyProvider({ id: 'bank' })
    await expect(other.unseal(sealed)).rejects.toThrow(DecryptionError)
    await expect(notary.unseal(sealed.slice(1))).rejects.toThrow(DecryptionError)
    await expect(notary.unseal(new Uint8Array())).rejects.toThrow(DecryptionError)
    expect(() => new MemorySealingKeyProvider({ id: '' })).toThrow(ValidationError)
  })
})

describe.each([
  ['memory', memory],
  ['a bare store', bareStore],
])('an owner by deed on %s', (_name, makeStore) => {
  it('of an empty vault holds everything', async () => {
    const store = makeStore()
    expect(await isDeedVault(store, 'v')).toBe(false)
    expect(await loadDeedMarker(store, 'v')).toBeNull()
    const keyring = await deed(store)
    expect(keyring).toMatchObject({ userId: 'heir', role: 'owner', permissions: {}, latent: false })
    expect(await isDeedVault(store, 'v')).toBe(true)
    expect(await loadDeedMarker(store, 'v')).toMatchObject({
      ownerUserId: 'heir',
      sealedUnder: 'notary',
      latent: true,
    })
    await expect((await session(store)).openVault('v')).rejects.toThrow(NoAccessError)
    const heir = await session(store, { user: 'heir', secret: await unsealed(store) })
    const vault = await heir.openVault('v')
    expect(await vault.getBundleHandle()).toBe(keyring.vaultUlid)
    await vault.collection('c').put('x', {})
    await heir.grant('v', member('vic', 'viewer'))
  })

  it('of a vault that others hold changes nothing for them, and gets no keys', async () => {
    const store = makeStore()
    const vault = await (await session(store)).openVault('v')
    await vault.collection('c').put('x', { n: 1 })
    const before = await store.get('v', '_keyring', 'ann')
    expect(await deed(store)).toMatchObject({ role: 'owner', latent: true })
    expect(await store.get('v', '_keyring', 'ann')).toEqual(before)
    expect(await (await (await session(store)).openVault('v')).collection('c').list()).toEqual([{ n: 1 }])
    const heir = await (await session(store, { user: 'heir', secret: await unsealed(store) })).openVault('v')
    expect(heir.role).toBe('owner')
    await expect(heir.collection('c').list()).rejects.toThrow(NoAccessError)
    await expect(heir.collection('c').put('y', {})).rejects.toThrow(NoAccessError)
    await expect(heir.collection('new').put('y', {})).rejects.toThrow(NoAccessError)
    await expect(heir.noydb.grant('v', member('eve', 'viewer'))).rejects.toThrow(PermissionDeniedError)
  })
})

describe('an owner by deed', () => {
  it('is made once: the secret, the keyring and the marker stay', async () => {
    const store = memory()
    await deed(store)
    const before = await contents(store, ['v', '__noydb_users__'])
    await deed(store)
    expect(await contents(store, ['v', '__noydb_users__'])).toEqual(before)
    await expect(deed(store, 'heir', new MemorySealingKeyProvider({ id: 'bank' }))).rejects.toThrow(
      ValidationError,
    )
    await expect(deed(store, 'other')).rejects.toThrow(ValidationError)
    expect(await contents(store, ['v'])).toEqual(
      Object.fromEntries(Object.entries(before).filter(([name]) => name.startsWith('v/'))),
    )
  })

  it('does not take the place of somebody who has a keyring', async () => {
    const store = memory()
    await (await session(store)).openVault('v')
    await expect(deed(store, 'ann')).rejects.toThrow(ValidationError)
    expect(await isDeedVault(store, 'v')).toBe(false)
    expect((await (await session(store)).openVault('v')).role).toBe('owner')
  })

  it('cannot be revoked or granted less', async () => {
    const { ann } = await custody()
    await expect(ann.revoke('v', { userId: 'heir' })).rejects.toThrow(PermissionDeniedError)
    await expect(ann.grant('v', member('heir', 'viewer'))).rejects.toThrow(PermissionDeniedError)
  })

  it('is not told by a marker that cannot be read', async () => {
    const store = memory()
    await deed(store)
    const row = await store.get('v', '_meta', 'deed')
    for (const text of ['', '[]', '{}', '{"latent":true}', 'null']) {
      await store.put('v', '_meta', 'deed', { ...row!, _data: text }) // there: just made
      expect(await loadDeedMarker(store, 'v')).toBeNull()
      expect(await isDeedVault(store, 'v')).toBe(false)
    }
  })
})

describe('a custodian', () => {
  it('works with everything and grants nothing', async () => {
    const { carl } = await custody()
    expect(carl.role).toBe('custodian')
    expect(carl.custody).toBeInstanceOf(CustodyApi)
    await carl.collection('c').put('y', { n: 3 })
    const { role: _role, ...other } = member('other', 'custodian')
    await expect(carl.custody.grantCustodian(other)).rejects.toThrow(PermissionDeniedError)
    await expect(carl.custody.revokeCustodian({ userId: 'carl' })).rejects.toThrow(PermissionDeniedError)
  })

  it('is dismissed by the owner', async () => {
    const { vault, carl } = await custody()
    await vault.custody.revokeCustodian({ userId: 'carl' })
    await expect(carl.collection('b').list()).rejects.toThrow(NoAccessError)
  })
})

describe.each([
  ['memory', memory],
  ['a bare store', bareStore],
])('handing over on %s', (_name, makeStore) => {
  it('freezes what there is and makes the new owner', async () => {
    const { store, carl } = await custody(makeStore())
    const rows: Array<[string, string, EncryptedEnvelope | null]> = [
      ['b', 'é/1', await store.get('v', 'b', 'é/1')],
      ['c', 'x', await store.get('v', 'c', 'x')],
    ]
    const { snapshot } = await carl.custody.liberate(terms)
    expect(snapshot).toMatchObject({ recordCount: 2 })
    const hash = createHash('sha256')
    for (const [collection, id, envelope] of rows) {
      const frozenId = `${snapshot.withdrawalId}/${collection}/${id}`
      expect(await store.get('v', '_frozen_snapshots', frozenId)).toEqual(envelope)
      expect(await store.get('v', collection, id)).toEqual(envelope)
      const { _v, _ts, _by, _iv, _data } = envelope!
      hash.update(`${JSON.stringify([collection, id, _v, _ts, _by, null, null, _iv, _data])}\n`)
    }
    expect(snapshot.sha256).toBe(hash.digest('hex'))
    expect((await loadDeedMarker(store, 'v'))?.liberatedAt).toBe(snapshot.frozenAt)
    expect(await store.get('v', '_keyring', 'heir')).not.toBeNull()

    const nora = await session(store, { user: 'nora', audit: true })
    const vault = await nora.openVault('v')
    expect(vault.role).toBe('owner')
    expect(await vault.collection('c').list()).toEqual([{ n: 1 }])
    await nora.grant('v', member('nick', 'viewer'))
    expect(await carl.collection('c').list()).toEqual([{ n: 1 }])
    await nora.revoke('v', { userId: 'carl' })
    await vault.collection('c').put('x', { n: 9 })
    expect(await vault.audit.verify()).toMatchObject({ ok: true })
    const nick = await (await session(store, { user: 'nick' })).openVault('v')
    expect(await nick.collection('c').list()).toEqual([{ n: 9 }])
    for (const before of ['ann', 'vic']) {
      const old = await (await session(store, { user: before })).openVault('v')
      await expect(old.collection('c').list()).rejects.toThrow(NoAccessError)
    }
    await nora.grant('v', member('vic', 'viewer'))
    const vic = await (await session(store, { user: 'vic' })).openVault('v')
    expect(await vic.collection('c').list()).toEqual([{ n: 9 }])
    const frozen = await store.get('v', '_frozen_snapshots', `${snapshot.withdrawalId}/c/x`)
    expect(frozen).toEqual(rows[1]?.[2])
  })
})

describe('handing over', () => {
  it('is for custodians, and to somebody new', async () => {
    const { store, vault, carl } = await custody()
    const before = await contents(store, ['v', '__noydb_users__'])
    await expect(liberateVault(vault, terms)).rejects.toThrow(PermissionDeniedError)
    const vic = await (await session(store, { user: 'vic' })).openVault('v')
    await expect(vic.custody.liberate(terms)).rejects.toThrow(PermissionDeniedError)
    for (const newOwnerId of ['ann', 'heir', 'carl', ''])
      await expect(liberateVault(carl, { ...terms, newOwnerId })).rejects.toThrow(ValidationError)
    await expect(liberateVault(carl, { ...terms, newOwnerPassphrase: '' })).rejects.toThrow(ValidationError)
    await expect(liberateVault(carl, { ...terms, legalBasis: '' })).rejects.toThrow(ValidationError)
    expect(await contents(store, ['v', '__noydb_users__'])).toEqual(before)
  })

  it('leaves the secret to the new owner alone', async () => {
    const { store, carl } = await custody()
    await liberateVault(carl, terms)
    await expect((await session(store, { user: 'nora', secret: 'no' })).openVault('v')).rejects.toThrow(
      InvalidKeyError,
    )
  })
})
