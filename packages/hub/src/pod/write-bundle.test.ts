import { beforeEach, describe, expect, it } from 'vitest'
import { BundleIntegrityError, ValidationError } from '../errors.ts'
import { fillFixtureVault, openFixtureVault, parseDump, type FixtureVault } from './fixture-vault.ts'
import { readNoydbBundle, readNoydbBundlePublicEnvelope } from './read-bundle.ts'
import { writeNoydbBundle } from './write-bundle.ts'

let fixture: FixtureVault

beforeEach(async () => {
  fixture = await openFixtureVault()
  await fillFixtureVault(fixture.vault)
})

async function readCollections(bytes: Uint8Array): Promise<Record<string, string[]>> {
  const { collections } = parseDump((await readNoydbBundle(bytes)).dumpJson)
  return Object.fromEntries(Object.entries(collections).map(([name, rows]) => [name, Object.keys(rows)]))
}

describe('writeNoydbBundle', () => {
  it('holds the dump of the vault under its handle', async () => {
    const { vault } = fixture
    const { header, dumpJson } = await readNoydbBundle(await writeNoydbBundle(vault))
    expect(header.handle).toBe(await vault.getBundleHandle())
    const stripTime = (text: string): unknown => ({ ...parseDump(text), _exported_at: '' })
    expect(stripTime(dumpJson)).toEqual(stripTime(await vault.dump()))
  })

  it('has one handle per vault', async () => {
    const [one, again] = [await writeNoydbBundle(fixture.vault), await writeNoydbBundle(fixture.vault)]
    const other = await writeNoydbBundle((await openFixtureVault({ name: 'other' })).vault)
    const handles = await Promise.all(
      [one, again, other].map(async (bytes) => (await readNoydbBundle(bytes)).header.handle),
    )
    expect(handles[0]).toBe(handles[1])
    expect(handles[0]).not.toBe(handles[2])
  })

  it('takes a choice of collections, times and records, and no history of the rest', async () => {
    const { vault } = fixture
    expect(await readCollections(await writeNoydbBundle(vault, { collections: ['clients'] }))).toEqual({
      clients: ['c1', 'c2'],
    })
    const where = (record: unknown): boolean => JSON.stringify(record).includes('c2')
    const chosen = await writeNoydbBundle(vault, { where })
    expect(await readCollections(chosen)).toEqual({ clients: ['c2'], invoices: ['i2'] })
    const internal = parseDump((await readNoydbBundle(chosen)).dumpJson)._internal
    expect(Object.keys(internal).filter((name) => !['_meta', '_deks', '_access'].includes(name))).toEqual([])
    const none = await writeNoydbBundle(vault, { since: new Date(Date.now() + 60_000) })
    expect(await readCollections(none)).toEqual({})
    const written = (await vault.collection('clients').getMetadata('c1'))?.timestamp ?? ''
    const recent = await writeNoydbBundle(vault, { since: written, collections: ['clients'] })
    expect(await readCollections(recent)).toEqual({ clients: ['c1', 'c2'] })
    await expect(writeNoydbBundle(vault, { since: 'yesterday' })).rejects.toThrow(ValidationError)
  })

  it('stops when told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(writeNoydbBundle(fixture.vault, { where: () => true, signal })).rejects.toThrow('enough')
  })

  it('shows a public envelope exactly when there is one', async () => {
    const { vault, store } = fixture
    expect(readNoydbBundlePublicEnvelope(await writeNoydbBundle(vault))).toBeUndefined()
    const shown = { _noydb_public: 1, version: 1, name: 'Office' }
    const row = { _noydb: 1, _v: 1, _ts: '2025-01-01T00:00:00.000Z', _iv: '' } as const
    await store.put('office', '_meta', 'public-envelope', { ...row, _data: JSON.stringify(shown) })
    expect(readNoydbBundlePublicEnvelope(await writeNoydbBundle(vault))).toEqual(shown)
    await store.put('office', '_meta', 'public-envelope', { ...row, _data: '{"secret":1}' })
    await expect(writeNoydbBundle(vault)).rejects.toThrow(BundleIntegrityError)
  })
})
