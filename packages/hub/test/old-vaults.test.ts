/** A vault of every format we ever wrote opens, reads, and goes on in today's. `fixtures/make.ts` keeps the next one. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  adoptPartition,
  createOwnerOnAdoptedPartition,
  decryptExtractedPartition,
  readNoydbBundle,
} from '../src/bundle.ts'
import { createNoydb, type Collection } from '../src/index.ts'
import { memory } from '../src/memory.ts'
import { CHEAP_KDF } from '../src/noydb/test-session.ts'
import { loadRows, type Expected, type StoreRows } from './fixtures/vault-rows.ts'

const vaults = path.join(import.meta.dirname, 'fixtures/vaults')
const formats = readdirSync(vaults)

it('keeps at least one', () => {
  expect(formats.length).toBeGreaterThan(0)
})

describe.each(formats)('a vault of format %s', (format) => {
  const read = (file: string): Uint8Array => new Uint8Array(readFileSync(path.join(vaults, format, file)))
  const parse = (file: string): unknown => JSON.parse(Buffer.from(read(file)).toString())
  const expected = parse('expected.json') as Expected // our own file
  const open = async (store: Awaited<ReturnType<typeof loadRows>>) => {
    const { user, secret } = expected
    const db = await createNoydb({ store, user, secret, history: true, audit: true })
    return db.openVault(expected.vault, { create: false })
  }
  const stored = () => loadRows(parse('rows.json') as StoreRows) // as above

  /** As they were written down; a collection lists them as its store does. */
  const byId = async (collection: Collection) =>
    (await collection.entries())
      .sort((left, right) => (left.id < right.id ? -1 : 1))
      .map(({ record }) => record)

  it('opens with every record, earlier version and reserved row', async () => {
    const vault = await open(await stored())
    for (const [name, records] of Object.entries(expected.collections))
      expect(await byId(vault.collection(name))).toEqual(records)
    for (const { collection, id, records } of expected.versions)
      expect((await vault.collection(collection).history(id)).map(({ record }) => record)).toEqual(records)
    const rows = await vault.sidecar(expected.sidecar.name).list()
    expect(rows.map(({ row }) => row)).toEqual(expected.sidecar.rows)
    expect(await vault.audit.verify()).toMatchObject({ ok: true, problems: [] })
  })

  it('goes on: what is written now is there in the next session, beside what was', async () => {
    const store = await stored()
    const vault = await open(store)
    for (const name of Object.keys(expected.collections)) await vault.collection(name).put('new', { n: 1 })
    await vault.collection('brand-new').put('x', { n: 2 })
    const again = await open(store)
    for (const [name, records] of Object.entries(expected.collections))
      expect(await byId(again.collection(name))).toEqual([...records, { n: 1 }])
    expect(await again.collection('brand-new').list()).toEqual([{ n: 2 }])
  })

  it('has bundles that are still read and adopted', async () => {
    expect((await readNoydbBundle(read('snapshot.noydb'))).dumpJson).toContain('"_noydb_backup":1')
    for (const [file, { transferKey: hex, collections }] of Object.entries(expected.partitions)) {
      const transferKey = new Uint8Array(Buffer.from(hex, 'hex'))
      expect(await decryptExtractedPartition(read(file), transferKey)).toEqual(collections)
      const store = memory()
      await adoptPartition(read(file), { transferKey, destinationStore: store, vaultName: 'adopted' })
      const owner = { userId: 'bea', passphrase: 'p', transferKey, kdf: CHEAP_KDF }
      await createOwnerOnAdoptedPartition(store, 'adopted', owner)
      const adopted = await (await createNoydb({ store, user: 'bea', secret: 'p' })).openVault('adopted')
      expect((await adopted.collections()).sort()).toEqual(Object.keys(collections).sort())
    }
  })
})
