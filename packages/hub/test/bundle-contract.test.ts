/** The hub's contract on bundles, clause by clause: sections 1, 4.6, 7, 11.1 to 11.6, through the entry points alone. */
import { beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import * as bundle from '../src/bundle.ts'
import * as hub from '../src/index.ts'
import { memory } from '../src/memory.ts'
import type { NoydbStore } from '../src/types/store.ts'

const kdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/
const all = { seeds: { clients: () => true, invoices: () => true } }
const SECRET_NOTE = 'only-the-note-says-this'

let store: NoydbStore
let vault: hub.Vault

async function openAs(user: string, name = 'office', in_ = store): Promise<hub.Vault> {
  return (await hub.createNoydb({ store: in_, user, secret: 'x', kdf })).openVault(name)
}

beforeEach(async () => {
  store = memory()
  vault = await openAs('anna')
  const clients = vault.collection('clients', {
    schema: z.object({ id: z.string(), note: z.string().optional() }),
  })
  const invoices = vault.collection('invoices', { provenance: true, refs: { client: hub.ref('clients') } })
  await clients.put('c1', { id: 'c1', note: SECRET_NOTE })
  await clients.put('c2', { id: 'c2' })
  const provenance = { source: 'bank', sourceTs: '2020-01-01T00:00:00.000Z' }
  await invoices.put('i1', { id: 'i1', client: 'c1', net: 5 }, provenance)
  await invoices.put('i2', { id: 'i2', client: 'c2' })
})

describe('1 entry points', () => {
  it('have every value the lobby uses', () => {
    for (const name of [
      'writeNoydbBundle',
      'readNoydbBundle',
      'readNoydbBundleHeader',
      'walkClosure',
      'describeExtraction',
      'extractPartition',
      'decryptExtractedPartition',
      'adoptPartition',
      'createOwnerOnAdoptedPartition',
    ] as const)
      expect(bundle[name], name).toBeTypeOf('function')
    for (const name of [
      'diffVault',
      'hasNoydbBundleMagic',
      'readNoydbBundlePublicEnvelope',
      'routeStore',
    ] as const)
      expect(hub[name], name).toBeTypeOf('function')
  })

  it('give one class for one error', () => {
    for (const name of [
      'PartitionExtractionError',
      'TransferSealError',
      'AdoptionStateError',
      'BundleIntegrityError',
    ] as const)
      expect(bundle[name]).toBe(hub[name])
  })
})

describe('4.6 the handle', () => {
  it('is a ULID, kept in clear, the same for every call, instance and user of the vault', async () => {
    const handle = await vault.getBundleHandle()
    expect(handle).toMatch(ULID)
    const row = await store.get('office', '_meta', 'handle')
    expect(row).toMatchObject({ _iv: '', _data: JSON.stringify({ handle }) })
    expect(await vault.getBundleHandle()).toBe(handle)
    expect(await (await openAs('anna')).getBundleHandle()).toBe(handle)
  })
})

describe('11.1 the container', () => {
  it('is magic, flags, compression, header length, header, body', async () => {
    for (const [compression, code] of [
      ['none', 0],
      ['gzip', 1],
      ['brotli', 2],
      ['auto', 2],
    ] as const) {
      const bytes = Buffer.from(await bundle.writeNoydbBundle(vault, { compression }))
      expect(bytes.toString('latin1', 0, 4)).toBe('NDB1')
      expect([bytes[4], bytes[5]]).toEqual([code === 0 ? 2 : 3, code])
      const header = bundle.readNoydbBundleHeader(bytes)
      expect(JSON.parse(bytes.toString('utf8', 10, 10 + bytes.readUInt32BE(6)))).toEqual(header)
      expect(header.bodyBytes).toBe(bytes.length - 10 - bytes.readUInt32BE(6))
      expect(header).toMatchObject({ formatVersion: 1, handle: await vault.getBundleHandle() })
    }
  })

  it('gives its text from a view with an offset, and tells a damaged body by length and hash', async () => {
    const bytes = await bundle.writeNoydbBundle(vault)
    const shifted = new Uint8Array(bytes.length + 7)
    shifted.set(bytes, 7)
    const { dumpJson } = await bundle.readNoydbBundle(shifted.subarray(7))
    const keyring = await store.get('office', '_keyring', 'anna')
    const dump = JSON.parse(dumpJson) as Record<string, Record<string, unknown>>
    expect(dump.keyrings).toEqual({ anna: JSON.parse(keyring?._data ?? '') as unknown })
    expect(dump.collections).toEqual(await store.loadAll('office'))
    const flipped = Uint8Array.from(bytes)
    flipped[bytes.length - 1] = (flipped[bytes.length - 1] ?? 0) ^ 1
    for (const damaged of [flipped, bytes.subarray(0, -1), shifted])
      await expect(bundle.readNoydbBundle(damaged)).rejects.toThrow(bundle.BundleIntegrityError)
  })

  it('knows its magic, whatever it is given', () => {
    expect(hub.hasNoydbBundleMagic(Buffer.from('NDB1'))).toBe(true)
    for (const other of ['', 'NDB', 'NDB2', 'NDBM'])
      expect(hub.hasNoydbBundleMagic(Buffer.from(other))).toBe(false)
  })

  it('shows the public envelope, in a language where there are several', async () => {
    expect(hub.readNoydbBundlePublicEnvelope(await bundle.writeNoydbBundle(vault))).toBeUndefined()
    const envelope = { _noydb_public: 1, version: 1, name: { en: 'Office', sv: 'Byrå' }, defaultLocale: 'sv' }
    const row = { _noydb: 1, _v: 1, _ts: '', _iv: '', _data: JSON.stringify(envelope) } as const
    await store.put('office', '_meta', 'public-envelope', row)
    const bytes = await bundle.writeNoydbBundle(vault)
    expect(hub.readNoydbBundlePublicEnvelope(bytes)).toEqual(envelope)
    expect(hub.readNoydbBundlePublicEnvelope(bytes, { locale: 'en' })?.name).toBe('Office')
    expect(hub.readNoydbBundlePublicEnvelope(bytes, { locale: 'fr' })?.name).toBe('Byrå')
  })
})

describe('11.2 walkClosure', () => {
  it('starts at the seeds, takes what refers to them, then what those refer to', async () => {
    const { closure, graph } = await bundle.walkClosure(vault, {
      seeds: { clients: ({ id }) => id === 'c1' },
    })
    expect([...closure]).toEqual([
      ['clients', new Set(['c1'])],
      ['invoices', new Set(['i1'])],
    ])
    expect(graph).toEqual({ depth: 1, cyclesDetected: false })
  })

  it('takes no step at depth 0, and allows it where none is needed', async () => {
    const seeds = { clients: () => true }
    await expect(bundle.walkClosure(vault, { seeds, maxDepth: 0 })).rejects.toThrow(
      bundle.PartitionExtractionError,
    )
    const { closure } = await bundle.walkClosure(vault, { ...all, maxDepth: 0 })
    expect([...closure.keys()]).toEqual(['clients', 'invoices'])
    expect(closure.get('other')).toBeUndefined()
  })
})

describe.each([1, 2] as const)('11.3 and 11.4 a partition of body format %i', (bodyFormat) => {
  it('holds records with the clear members of the source, under a key that is not inside', async () => {
    const before = await store.loadAll('office')
    const made = await bundle.extractPartition(vault, { ...all, bodyFormat })
    expect(await store.loadAll('office')).toEqual(before)
    expect(Object.getPrototypeOf(made.transferKey)).toBe(Uint8Array.prototype)
    expect(made.transferKey).toHaveLength(32)
    expect(Buffer.from(made.bundleBytes).includes(Buffer.from(made.transferKey))).toBe(false)
    const header = bundle.readNoydbBundleHeader(made.bundleBytes)
    expect(header).toMatchObject({
      bundleKind: 'extracted-partition',
      transferSeal: { v: 1, sealId: made.sealId },
    })
    expect(header.handle).not.toBe(await vault.getBundleHandle())
    const { invoices } = await bundle.decryptExtractedPartition(made.bundleBytes, made.transferKey)
    const metadata = await vault.collection('invoices').getMetadata('i1')
    expect(invoices?.[0]).toEqual({
      id: 'i1',
      record: { id: 'i1', client: 'c1', net: 5 },
      ts: metadata?.timestamp,
      version: 1,
      source: 'bank',
      sourceTs: '2020-01-01T00:00:00.000Z',
    })
  })

  it('states its seal in the wrapper, in clear and unopened', async () => {
    const { bundleBytes, sealId } = await bundle.extractPartition(vault, { ...all, bodyFormat })
    const wrapper: unknown = JSON.parse((await bundle.readNoydbBundle(bundleBytes)).dumpJson)
    const dump: unknown = expect.any(String)
    const seal = { v: 1, alg: 'aes-256-gcm-pre-shared', sealId, payload: dump }
    expect(wrapper).toMatchObject({ _noydb_bundle_body: bodyFormat, dump, _transferSeal: seal })
  })

  it('has values left out nowhere, and no schema of a narrowed collection', async () => {
    const options = {
      fieldProjection: { clients: ['absent'] },
      carrySchemas: true,
      carryLedger: true,
      bodyFormat,
    }
    const made = await bundle.extractPartition(vault, { ...all, ...options, compression: 'none' })
    const read = await bundle.decryptExtractedPartition(made.bundleBytes, made.transferKey)
    expect(read['clients']?.map(({ record }) => record)).toEqual([{ id: 'c1' }, { id: 'c2' }])
    expect(read['invoices']?.[0]?.record).toHaveProperty('net')
    expect(JSON.stringify(read)).not.toContain(SECRET_NOTE)
    expect(Buffer.from(made.bundleBytes).includes(SECRET_NOTE)).toBe(false)
  })

  it('sets the body id to the storage id, and gives a wrong key nothing', async () => {
    await vault.collection('clients').put('c3', { id: 'other' })
    const made = await bundle.extractPartition(vault, { ...all, bodyFormat })
    const { clients } = await bundle.decryptExtractedPartition(made.bundleBytes, made.transferKey)
    expect(clients?.find(({ id }) => id === 'c3')?.record).toEqual({ id: 'c3' })
    for (const length of [0, 31, 32, 33]) {
      const wrong = bundle.decryptExtractedPartition(made.bundleBytes, new Uint8Array(length))
      await expect(wrong).rejects.toThrow(bundle.TransferSealError)
    }
    const snapshot = await bundle.writeNoydbBundle(vault)
    await expect(bundle.decryptExtractedPartition(snapshot, made.transferKey)).rejects.toThrow(
      hub.ValidationError,
    )
  })

  it('11.6 becomes a vault of its own, with an owner who reads exactly its records', async () => {
    const { bundleBytes, transferKey, sealId } = await bundle.extractPartition(vault, { ...all, bodyFormat })
    const there = memory()
    const adoption = { transferKey, destinationStore: there, vaultName: 'new' }
    expect(await bundle.adoptPartition(bundleBytes, adoption)).toEqual({
      vaultName: 'new',
      needsOwner: true,
      sealId,
    })
    await expect(bundle.adoptPartition(bundleBytes, adoption)).rejects.toThrow(bundle.AdoptionStateError)
    const owner = { userId: 'bea', passphrase: 'x', transferKey, kdf }
    const made = await bundle.createOwnerOnAdoptedPartition(there, 'new', owner)
    expect(made).toEqual({ vaultName: 'new', userId: 'bea' })
    const again = bundle.createOwnerOnAdoptedPartition(there, 'new', owner)
    await expect(again).rejects.toThrow(bundle.AdoptionStateError)
    const adopted = await openAs('bea', 'new', there)
    for (const name of ['clients', 'invoices'])
      expect(await adopted.collection(name).list()).toEqual(await vault.collection(name).list())
  })
})

describe('11.5 describeExtraction', () => {
  it('counts stored envelopes by name, and names what is referred to but missing', async () => {
    vault.collection('lines', { refs: { invoice: hub.ref('invoices', 'warn') } })
    await vault.collection('lines').put('l1', { id: 'l1', invoice: 'i1' })
    await vault.collection('lines').put('l2', { id: 'l2', invoice: 'gone' })
    const preview = await bundle.describeExtraction(vault, { seeds: { lines: () => true } })
    expect(preview.byCollection.map(({ name, recordCount }) => [name, recordCount])).toEqual([
      ['clients', 1],
      ['invoices', 1],
      ['lines', 2],
    ])
    expect(preview.inaccessible).toEqual([{ collection: 'invoices', id: 'gone' }])
    expect(preview.totalRecords).toBe(4)
    const stored = await store.get('office', 'clients', 'c1')
    expect(preview.byCollection[0]?.bytes).toBe(Buffer.byteLength(JSON.stringify(stored)))
  })
})

it('11.3 is for owners', async () => {
  const state = { ...vault._introspectState(), role: 'admin' as const }
  const admin = {
    collection: vault.collection.bind(vault),
    _drainPendingSchemaWrites: () => Promise.resolve(),
    _introspectState: () => state,
  }
  await expect(bundle.extractPartition(admin, all)).rejects.toThrow(bundle.PartitionExtractionError)
})
