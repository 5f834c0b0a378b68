import { beforeEach, describe, expect, it } from 'vitest'
import { PartitionExtractionError } from '../errors.ts'
import { decryptExtractedPartition } from './decrypt-partition.ts'
import { describeExtraction } from './describe-extraction.ts'
import { extractPartition } from './extract-partition.ts'
import {
  CLIENT_ONE,
  fillFixtureVault,
  openFixtureVault,
  readExtracted,
  type FixtureVault,
} from './fixture-vault.ts'
import { readNoydbBundleHeader } from './read-bundle.ts'

let fixture: FixtureVault

beforeEach(async () => {
  fixture = await openFixtureVault()
  await fillFixtureVault(fixture.vault)
})

describe('extractPartition', () => {
  it('carries the closure, with times, versions and provenance of the source', async () => {
    const { vault } = fixture
    const { bundleBytes, transferKey } = await extractPartition(vault, CLIENT_ONE)
    const read = await decryptExtractedPartition(bundleBytes, transferKey)
    const invoice = await vault.collection('invoices').getMetadata('i/1 🧾')
    const client = await vault.collection('clients').getMetadata('c1')
    expect(read).toEqual({
      clients: [
        {
          id: 'c1',
          record: { id: 'c1', name: 'Rossi', note: 'secret-note' },
          ts: client?.timestamp,
          version: 1,
        },
      ],
      invoices: [
        {
          id: 'i/1 🧾',
          record: { id: 'i/1 🧾', clientId: 'c1', itemId: 'gone', net: 1200 },
          ts: invoice?.timestamp,
          version: 2,
          source: 'studio/rossi',
          sourceTs: '2024-12-31T00:00:00.000Z',
        },
      ],
    })
  })

  it('makes plain bytes, a fresh key, a fresh handle and a fresh seal each time', async () => {
    const [first, second] = [
      await extractPartition(fixture.vault, CLIENT_ONE),
      await extractPartition(fixture.vault, CLIENT_ONE),
    ]
    expect(Object.getPrototypeOf(first.transferKey)).toBe(Uint8Array.prototype)
    expect(first.transferKey).toHaveLength(32)
    expect(first.transferKey).not.toEqual(second.transferKey)
    expect(Buffer.from(first.bundleBytes).includes(Buffer.from(first.transferKey))).toBe(false)
    const headers = [first, second].map((one) => readNoydbBundleHeader(one.bundleBytes))
    expect(headers[0]?.handle).not.toBe(headers[1]?.handle)
    expect(headers[0]).toMatchObject({
      bundleKind: 'extracted-partition',
      transferSeal: { v: 1, alg: 'aes-256-gcm-pre-shared', sealId: first.sealId },
    })
  })

  it('has the body of format 1: a backup without keyrings, envelopes that bind nothing', async () => {
    const { bundleBytes } = await extractPartition(fixture.vault, { ...CLIENT_ONE, compression: 'none' })
    const { members, dump } = await readExtracted(bundleBytes)
    expect(members).toEqual(['_noydb_bundle_body', 'dump', '_transferSeal'])
    expect(dump).toMatchObject({ _noydb_backup: 1, _compartment: 'office', keyrings: {}, _internal: {} })
    expect(Object.keys(dump.collections)).toEqual(['clients', 'invoices'])
    const envelope = dump.collections['invoices']?.['i/1 🧾'] ?? {}
    expect(Object.keys(envelope).sort()).toEqual([
      '_by',
      '_data',
      '_iv',
      '_noydb',
      '_source',
      '_sourceTs',
      '_ts',
      '_v',
    ])
  })

  it.each(['auto', 'brotli', 'gzip', 'none'] as const)('compresses as asked (%s)', async (compression) => {
    const { bundleBytes, transferKey } = await extractPartition(fixture.vault, { ...CLIENT_ONE, compression })
    expect(bundleBytes[5]).toBe({ auto: 2, brotli: 2, gzip: 1, none: 0 }[compression])
    expect(Object.keys(await decryptExtractedPartition(bundleBytes, transferKey))).toEqual([
      'clients',
      'invoices',
    ])
  })

  it('narrows bodies before they are encrypted', async () => {
    const { bundleBytes, transferKey } = await extractPartition(fixture.vault, {
      ...CLIENT_ONE,
      fieldProjection: { clients: ['name', 'absent', 'constructor'] },
    })
    const read = await decryptExtractedPartition(bundleBytes, transferKey)
    expect(read['clients']?.[0]?.record).toEqual({ id: 'c1', name: 'Rossi' })
    expect(read['invoices']?.[0]?.record).toHaveProperty('net', 1200)
  })

  it('changes nothing in the source', async () => {
    const before = await fixture.store.loadAll('office')
    await extractPartition(fixture.vault, { ...CLIENT_ONE, carrySchemas: true, carryLedger: false })
    expect(await fixture.store.loadAll('office')).toEqual(before)
  })

  it('carries schemas where asked, but none that names fields left out', async () => {
    const { vault, store } = await openFixtureVault({ encrypt: false })
    await fillFixtureVault(vault)
    const row = {
      _noydb: 1,
      _v: 1,
      _ts: '2025-01-01T00:00:00.000Z',
      _iv: '',
      _data: '{"type":"object"}',
    } as const
    for (const name of ['clients', 'invoices', 'items']) await store.put('office', '_schemas', name, row)
    const { bundleBytes } = await extractPartition(vault, {
      ...CLIENT_ONE,
      carrySchemas: true,
      fieldProjection: { clients: ['name'] },
    })
    const { dump } = await readExtracted(bundleBytes)
    expect(Object.keys(dump._internal['_schemas'] ?? {})).toEqual(['invoices'])
    expect(dump._internal['_schemas']?.['invoices']?._data).not.toContain('object')
  })

  it('encrypts a plaintext vault on its way out', async () => {
    const { vault } = await openFixtureVault({ encrypt: false })
    await fillFixtureVault(vault)
    const { bundleBytes, transferKey } = await extractPartition(vault, { ...CLIENT_ONE, compression: 'none' })
    expect(Buffer.from(bundleBytes).includes('Rossi')).toBe(false)
    expect((await decryptExtractedPartition(bundleBytes, transferKey))['clients']).toHaveLength(1)
  })

  it('works on a store of six methods', async () => {
    const { get, put, delete: remove, list, loadAll, saveAll } = fixture.store
    const six = { name: 'six', get, put, delete: remove, list, loadAll, saveAll }
    const { vault } = await openFixtureVault({ store: six })
    vault.collection('invoices', { refs: { clientId: { target: 'clients', mode: 'strict' } } })
    const { bundleBytes, transferKey } = await extractPartition(vault, CLIENT_ONE)
    expect(Object.keys(await decryptExtractedPartition(bundleBytes, transferKey))).toEqual([
      'clients',
      'invoices',
    ])
  })

  it('extracts nothing as an empty bundle', async () => {
    const { bundleBytes, transferKey } = await extractPartition(fixture.vault, {
      seeds: { clients: () => false },
    })
    expect(await decryptExtractedPartition(bundleBytes, transferKey)).toEqual({})
  })

  it('is for owners, within the depth given', async () => {
    const { vault } = fixture
    await expect(extractPartition(vault, { ...CLIENT_ONE, maxDepth: 0 })).rejects.toThrow(
      PartitionExtractionError,
    )
    const state = vault._introspectState()
    const viewer = {
      collection: vault.collection.bind(vault),
      _drainPendingSchemaWrites: async () => undefined,
      _introspectState: () => ({ ...state, role: 'admin' as const }),
    }
    await expect(extractPartition(viewer, CLIENT_ONE)).rejects.toThrow(PartitionExtractionError)
  })

  it('stops when told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(extractPartition(fixture.vault, { ...CLIENT_ONE, signal })).rejects.toThrow('enough')
  })
})

describe('describeExtraction', () => {
  it('counts what an extraction takes and names what is missing', async () => {
    const preview = await describeExtraction(fixture.vault, CLIENT_ONE)
    const envelope = await fixture.store.get('office', 'invoices', 'i/1 🧾')
    expect(preview.totalRecords).toBe(2)
    expect(preview.byCollection.map((one) => [one.name, one.recordCount])).toEqual([
      ['clients', 1],
      ['invoices', 1],
    ])
    expect(preview.byCollection[1]).toMatchObject({
      bytes: Buffer.byteLength(JSON.stringify(envelope)),
      oldestTs: envelope?._ts,
      newestTs: envelope?._ts,
    })
    expect(preview.totalBytes).toBe(preview.byCollection.reduce((total, one) => total + one.bytes, 0))
    expect(preview.graph).toEqual({ depth: 1, cyclesDetected: false })
    expect(preview.inaccessible).toEqual([{ collection: 'items', id: 'gone' }])
  })
})
