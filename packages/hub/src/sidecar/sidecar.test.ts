import { describe, expect, it } from 'vitest'
import { open as openSealed } from '../crypto/aead.ts'
import {
  ConflictError,
  DecryptionError,
  NoAccessError,
  ReadOnlyError,
  TamperedError,
  ValidationError,
} from '../errors.ts'
import { memory } from '../memory.ts'
import { member, session } from '../noydb/test-session.ts'

async function prepared() {
  const store = memory()
  const db = await session(store)
  const vault = await db.openVault('v')
  await vault.collection('salaries').put('x', {})
  await vault.collection('invoices').put('x', {})
  await db.transaction((tx) => {
    tx.putSidecar(vault, '_conflicts', { collection: 'salaries', key: 'k/1' }, { theirs: 100 })
    tx.putSidecar(vault, '_conflicts', { collection: 'invoices', key: 'k' }, { theirs: 200 })
    tx.putSidecar(vault, '_conflicts', { key: 'k' }, { summary: true })
  })
  return { store, db, vault }
}

describe('a sidecar', () => {
  it('gives rows, keys and versions by key and by collection', async () => {
    const { store, db, vault } = await prepared()
    const sidecar = vault.sidecar<{ theirs?: number }>('_conflicts')
    const key = { collection: 'salaries', key: 'k/1' }
    expect(await sidecar.get(key)).toMatchObject({ key, row: { theirs: 100 }, version: 1 })
    expect(await sidecar.get({ key: 'none' })).toBeNull()
    const rows = await sidecar.getMany([{ key: 'none' }, key, { key: 'k' }])
    expect(rows.map((row) => row?.row ?? null)).toEqual([null, { theirs: 100 }, { summary: true }])
    expect(await sidecar.keys()).toHaveLength(3)
    expect(await sidecar.keys({ collection: 'salaries' })).toEqual([key])
    expect(await sidecar.list({ collection: 'invoices' })).toMatchObject([{ row: { theirs: 200 } }])
    await db.transaction((tx) => tx.deleteSidecar(vault, '_conflicts', key))
    expect(await sidecar.get(key)).toBeNull()
    await db.transaction((tx) => tx.putSidecar(vault, '_conflicts', key, { theirs: 1 }))
    expect((await sidecar.get(key))?.version).toBe(2)
    expect(await store.listCollections('v')).toContain('_conflicts')
  })

  it('compares versions when asked', async () => {
    const { db, vault } = await prepared()
    const put = (expectedVersion: number) =>
      db.transaction((tx) => tx.putSidecar(vault, '_conflicts', { key: 'k' }, {}, { expectedVersion }))
    await put(1)
    await expect(put(1)).rejects.toThrow(ConflictError)
    await expect(put(0)).rejects.toThrow(ConflictError)
  })

  it('is sealed under the key of the collection it is about', async () => {
    const { store, vault } = await prepared()
    const state = vault._introspectState()
    const id = 'salaries/k/1'
    const envelope = await store.get('v', '_conflicts', id)
    if (envelope === null) throw new Error('no row')
    const aad = Buffer.from(
      JSON.stringify([state.vaultUlid, '_conflicts', id, envelope._v, envelope._ts, 'ann', null, null]),
    )
    const sealed = { iv: envelope._iv, data: envelope._data }
    const [of, own] = [await state.getDEK('salaries'), await state.getDEK('_conflicts')]
    if (of === null || own === null) throw new Error('no keys')
    expect(JSON.parse(openSealed(of, sealed, aad).toString())).toEqual({ theirs: 100 })
    expect(() => openSealed(own, sealed, aad)).toThrow(DecryptionError)
  })

  it('keeps rows about a collection from whoever may not read it', async () => {
    const { store, db: owner } = await prepared()
    await owner.grant('v', member('olga', 'operator', { permissions: { invoices: 'ro' } }))
    const db = await session(store, { user: 'olga' })
    const vault = await db.openVault('v')
    const sidecar = vault.sidecar('_conflicts')
    expect((await sidecar.list()).map(({ row }) => row)).toEqual([{ summary: true }, { theirs: 200 }])
    await expect(sidecar.get({ collection: 'salaries', key: 'k/1' })).rejects.toThrow(NoAccessError)
    await expect(sidecar.list({ collection: 'salaries' })).rejects.toThrow(NoAccessError)
    const put = (collection: string) =>
      db.transaction((tx) => tx.putSidecar(vault, '_conflicts', { collection, key: 'k' }, {}))
    await expect(put('invoices')).rejects.toThrow(ReadOnlyError)
    await expect(put('salaries')).rejects.toThrow(NoAccessError)
    await db.transaction((tx) => tx.putSidecar(vault, '_conflicts', { key: 'own' }, {}))
  })

  it('refuses rows that were moved, and names that are not its own', async () => {
    const { store, db, vault } = await prepared()
    const row = await store.get('v', '_conflicts', '/k')
    if (row === null) throw new Error('no row')
    await store.put('v', '_conflicts', '/other', row)
    await expect(vault.sidecar('_conflicts').get({ key: 'other' })).rejects.toThrow(TamperedError)
    for (const name of ['conflicts', '_a/b', '_keyring', '_audit', '_history', '_meta'])
      expect(() => vault.sidecar(name)).toThrow(ValidationError)
    for (const key of [
      { key: '' },
      { key: 'x'.repeat(2049) },
      { collection: '_x', key: 'k' },
      { collection: 'a/b', key: 'k' },
    ])
      await expect(db.transaction((tx) => tx.putSidecar(vault, '_conflicts', key, {}))).rejects.toThrow(
        ValidationError,
      )
  })

  it('can be about a collection nobody has written to yet', async () => {
    const { db, vault } = await prepared()
    await db.transaction((tx) => tx.putSidecar(vault, '_drafts', { collection: 'new', key: 'd' }, { n: 1 }))
    expect(await vault.sidecar('_drafts').list()).toMatchObject([{ row: { n: 1 } }])
    await vault.collection('new').put('x', { n: 2 })
    expect(await vault.sidecar('_drafts').list()).toHaveLength(1)
  })
})
