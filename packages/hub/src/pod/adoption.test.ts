import { describe, expect, it } from 'vitest'
import {
  AdoptionStateError,
  InvalidKeyError,
  TamperedError,
  TransferSealError,
  ValidationError,
} from '../errors.ts'
import { memory } from '../memory.ts'
import { createNoydb } from '../noydb/create-noydb.ts'
import { bareStore, CHEAP_KDF, contents } from '../noydb/test-session.ts'
import type { ExtractedPartition, ExtractPartitionOptions } from '../types/bundle.ts'
import type { NoydbStore } from '../types/store.ts'
import { adoptPartition } from './adopt-partition.ts'
import { createOwnerOnAdoptedPartition } from './adopted-owner.ts'
import { extractPartition } from './extract-partition.ts'
import { CLIENT_ONE, fillFixtureVault, openFixtureVault } from './fixture-vault.ts'
import { writeNoydbBundle } from './write-bundle.ts'

const CLIENT = { id: 'c1', name: 'Rossi', note: 'secret-note' }
const INVOICE = { id: 'i/1 🧾', clientId: 'c1', itemId: 'gone', net: 1200 }
const OWNER = { userId: 'bea', passphrase: 'p', kdf: CHEAP_KDF }

async function extracted(options: Partial<ExtractPartitionOptions> = {}): Promise<ExtractedPartition> {
  const { vault } = await openFixtureVault()
  await fillFixtureVault(vault)
  return extractPartition(vault, { ...CLIENT_ONE, ...options })
}

function adopt(
  { bundleBytes, transferKey }: ExtractedPartition,
  destinationStore: NoydbStore,
  vaultName = 'rossi',
) {
  return adoptPartition(bundleBytes, { transferKey, destinationStore, vaultName })
}

function own({ transferKey }: ExtractedPartition, store: NoydbStore, vaultName = 'rossi') {
  return createOwnerOnAdoptedPartition(store, vaultName, { ...OWNER, transferKey })
}

async function open(store: NoydbStore, secret = 'p') {
  return (await createNoydb({ store, user: 'bea', secret, kdf: CHEAP_KDF })).openVault('rossi', {
    create: false,
  })
}

/** A store whose connection breaks at a write: a real one, cut off. */
function failingAt(inner: NoydbStore, write: number): NoydbStore {
  let writes = 0
  const count = (): void => {
    if ((writes += 1) === write) throw new Error('the cable was pulled')
  }
  return {
    ...inner,
    async put(...row) {
      count()
      return inner.put(...row)
    },
    async saveAll(...all) {
      count()
      return inner.saveAll(...all)
    },
  }
}

const stores: Array<[string, () => NoydbStore]> = [
  ['a store with transactions', memory],
  ['a store of six methods', bareStore],
]

describe.each([1, 2] as const)('adopting a body of format %i', (bodyFormat) => {
  it.each(stores)('gives exactly the records, on %s', async (_what, make) => {
    const store = make()
    const made = await extracted({ bodyFormat })
    expect(await adopt(made, store)).toEqual({ vaultName: 'rossi', needsOwner: true, sealId: made.sealId })
    expect(await store.list('rossi', '_keyring')).toEqual([])
    expect(await own(made, store)).toEqual({ vaultName: 'rossi', userId: 'bea' })
    const vault = await open(store)
    expect(await vault.collection('clients').list()).toEqual([CLIENT])
    expect(await vault.collection('invoices').list()).toEqual([INVOICE])
    expect(await vault.collections()).toEqual(['clients', 'invoices'])
    expect(vault.role).toBe('owner')
  })

  it('keeps versions, times, writers and provenance, and binds every row to the new vault', async () => {
    const store = memory()
    const { vault: source } = await openFixtureVault()
    await fillFixtureVault(source)
    const made = await extractPartition(source, { ...CLIENT_ONE, bodyFormat })
    await adopt(made, store)
    await own(made, store)
    const vault = await open(store)
    for (const [name, id] of [
      ['clients', 'c1'],
      ['invoices', 'i/1 🧾'],
    ] as const) {
      expect(await vault.collection(name).getMetadata(id)).toEqual(
        await source.collection(name).getMetadata(id),
      )
      expect(await store.get('rossi', name, id)).toMatchObject({ _aad: 1 })
    }
    expect(await vault.getBundleHandle()).not.toBe(await source.getBundleHandle())
    await vault.collection('clients').put('c1', { id: 'c1', name: 'Bea' })
    expect(await (await open(store)).collection('clients').getMetadata('c1')).toMatchObject({
      version: 2,
      by: 'bea',
    })
  })

  it('takes schemas over under the key of their collection', async () => {
    const { vault, store: source } = await openFixtureVault()
    await fillFixtureVault(vault)
    const state = vault._introspectState()
    await state.getDEK('clients')
    const schema = {
      kind: 'zod',
      jsonSchema: { type: 'object' },
      hash: 'h',
      derivedAt: '2026-01-01T00:00:00.000Z',
    }
    const clear = { _v: 3, _ts: '2026-01-01T00:00:00.000Z' }
    await source.put(
      'office',
      '_schemas',
      'clients',
      state.sealEnvelope('_schemas', 'clients', schema, clear),
    )
    const made = await extractPartition(vault, { ...CLIENT_ONE, bodyFormat, carrySchemas: true })
    const store = memory()
    await adopt(made, store)
    await own(made, store)
    const adopted = (await open(store))._introspectState()
    await adopted.getDEK('clients')
    const row = await store.get('rossi', '_schemas', 'clients')
    expect(row).toMatchObject({ _v: 3, _aad: 1 })
    expect(row && adopted.openEnvelope('_schemas', 'clients', row)).toEqual(schema)
    expect(await store.list('rossi', '_schemas')).toEqual(['clients'])
  })
})

describe('adoption refuses', () => {
  it('another kind of bundle, a wrong key, a name that is none, with nothing written', async () => {
    const store = memory()
    const { vault } = await openFixtureVault()
    const made = await extracted()
    const snapshot = { ...made, bundleBytes: await writeNoydbBundle(vault) }
    await expect(adopt(snapshot, store)).rejects.toThrow(ValidationError)
    await expect(adopt(made, store, '')).rejects.toThrow(ValidationError)
    for (const length of [31, 32])
      await expect(adopt({ ...made, transferKey: new Uint8Array(length) }, store)).rejects.toThrow(
        TransferSealError,
      )
    expect(await store.listVaults()).toEqual([])
  })

  it('the same partition twice, before and after it has an owner', async () => {
    const store = memory()
    const made = await extracted()
    await adopt(made, store)
    await expect(adopt(made, store)).rejects.toThrow(AdoptionStateError)
    await own(made, store)
    await expect(adopt(made, store)).rejects.toThrow(AdoptionStateError)
    await expect(own(made, store)).rejects.toThrow(AdoptionStateError)
    await adopt(made, store, 'elsewhere')
  })

  it('a vault that holds anything', async () => {
    const made = await extracted()
    const { store } = await openFixtureVault({ name: 'rossi' })
    const before = await contents(store, ['rossi'])
    await expect(adopt(made, store)).rejects.toThrow(AdoptionStateError)
    expect(await contents(store, ['rossi'])).toEqual(before)
    const other = memory()
    await adopt(await extracted(), other)
    await expect(adopt(made, other)).rejects.toThrow(AdoptionStateError)
  })
})

describe('an owner', () => {
  it('needs an adoption, its key, and a keyring that is not there yet', async () => {
    const store = memory()
    const made = await extracted()
    await expect(own(made, store)).rejects.toThrow(AdoptionStateError)
    await adopt(made, store)
    const before = await contents(store, ['rossi', '__noydb_users__'])
    await expect(own({ ...made, transferKey: new Uint8Array(32) }, store)).rejects.toThrow(TransferSealError)
    const nobody = createOwnerOnAdoptedPartition(store, 'rossi', { ...OWNER, ...made, userId: '' })
    await expect(nobody).rejects.toThrow(ValidationError)
    expect(await contents(store, ['rossi', '__noydb_users__'])).toEqual(before)
  })

  it('is the only one: nobody opens the vault before, and nothing opens with the transfer key after', async () => {
    const store = memory()
    const made = await extracted()
    await adopt(made, store)
    const stranger = await createNoydb({ store, user: 'eve', secret: 'x', kdf: CHEAP_KDF })
    await expect(stranger.openVault('rossi')).rejects.toThrow(AdoptionStateError)
    expect(await store.list('rossi', '_keyring')).toEqual([])
    await own(made, store)
    expect((await store.get('rossi', '_meta', 'adoption'))?._data).toContain('"sealedKeys":null')
    await expect(open(store, 'wrong')).rejects.toThrow(InvalidKeyError)
  })

  it('is refused over a marker or a handle that was exchanged', async () => {
    const made = await extracted()
    const store = memory()
    await adopt(made, store)
    const handle = await store.get('rossi', '_meta', 'handle')
    if (handle === null) throw new Error('expected a handle')
    const other = { ...handle, _data: '{"handle":"01JGXZ0000000000000000ABCD"}' }
    await store.put('rossi', '_meta', 'handle', other)
    await expect(own(made, store)).rejects.toThrow(AdoptionStateError)
    const marker = await store.get('rossi', '_meta', 'adoption')
    if (marker === null) throw new Error('expected a marker')
    const moved = marker._data.replace(/"vaultUlid":"\w+"/, '"vaultUlid":"01JGXZ0000000000000000ABCD"')
    await store.put('rossi', '_meta', 'adoption', { ...marker, _data: moved })
    await expect(own(made, store)).rejects.toThrow(TransferSealError)
    for (const damaged of ['x', '{}', moved.replace('ready', 'other')]) {
      await store.put('rossi', '_meta', 'adoption', { ...marker, _data: damaged })
      await expect(own(made, store)).rejects.toThrow(AdoptionStateError)
    }
  })

  it('finds rows that were moved into the vault refused', async () => {
    const made = await extracted()
    const store = memory()
    await adopt(made, store)
    await own(made, store)
    const row = await store.get('rossi', 'clients', 'c1')
    if (row === null) throw new Error('expected a client')
    await store.put('rossi', 'clients', 'c9', row)
    await expect((await open(store)).collection('clients').list()).rejects.toThrow(TamperedError)
  })
})

describe('a crash', () => {
  it('at any write of a store without transactions is finished by the same call', async () => {
    const made = await extracted({ carrySchemas: true })
    for (let at = 1; at <= 4; at += 1) {
      const store = bareStore()
      await expect(adopt(made, failingAt(store, at))).rejects.toThrow('cable')
      if (at > 1) await expect(own(made, store)).rejects.toThrow(AdoptionStateError)
      await adopt(made, store)
      await own(made, store)
      expect(await (await open(store)).collection('invoices').list()).toEqual([INVOICE])
    }
    await adopt(made, failingAt(bareStore(), 5))
  })

  it('while the owner is made leaves the adoption waiting, up to the keyring', async () => {
    const made = await extracted()
    for (let at = 1; at <= 10; at += 1) {
      const store = bareStore()
      await adopt(made, store)
      await expect(own(made, failingAt(store, at))).rejects.toThrow('cable')
      if ((await store.list('rossi', '_keyring')).length === 0) await own(made, store)
      expect(await (await open(store)).collection('clients').list()).toEqual([CLIENT])
    }
  })
})

it('stops when told to, with nothing written, and tells how far it is', async () => {
  const { bundleBytes, transferKey } = await extracted()
  const store = memory()
  const signal = AbortSignal.abort(new Error('enough'))
  const stopped = adoptPartition(bundleBytes, {
    transferKey,
    destinationStore: store,
    vaultName: 'rossi',
    signal,
  })
  await expect(stopped).rejects.toThrow('enough')
  expect(await store.listVaults()).toEqual([])
})
