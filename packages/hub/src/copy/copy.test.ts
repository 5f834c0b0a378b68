import { describe, expect, it } from 'vitest'
import { memory } from '../memory.ts'
import { bareStore, contents, member, session } from '../noydb/test-session.ts'
import type { NoydbStore } from '../types/store.ts'
import type { Vault } from '../vault/vault.ts'
import { copyVault, readVault, type CopiedRow } from './copied-rows.ts'
import { openFacts, openRow, sealFacts } from './open-row.ts'
import { replaceVault } from './replace-vault.ts'

const KEPT = { history: true, audit: true }

interface Note {
  readonly n: number
}

async function open(store: NoydbStore, options = {}): Promise<Vault> {
  return (await session(store, { ...KEPT, ...options })).openVault('v')
}

/** Records, an earlier version, a tombstone, an index, a stored schema and a sidecar. */
async function filled(store: NoydbStore): Promise<Vault> {
  const vault = await open(store)
  const notes = vault.collection<Note>('notes', { indexes: ['n'], large: true })
  for (const n of [1, 2, 3]) await notes.put(`n${n}`, { n })
  await notes.put('n1', { n: 10 })
  await notes.delete('n3')
  await notes.query().where('n', '==', 2).run()
  await vault.noydb.transaction((tx) =>
    tx.putSidecar(vault, '_bases', { collection: 'notes', key: 'n1' }, { n: 1 }),
  )
  return vault
}

function rowsOf(vault: Vault): Promise<CopiedRow[]> {
  return readVault(vault, async (pages) => (await Array.fromAsync(pages)).flat())
}

const again = (rows: readonly CopiedRow[]) => ({
  rows: async function* () {
    for (let at = 0; at < rows.length; at += 4) yield rows.slice(at, at + 4)
  },
  keyGeneration: 1,
  command: 'test.restore',
  reason: 'As it was.',
})

describe('a copy', () => {
  it('holds every row, access first, index lists left out, and opens in a session of its own', async () => {
    const vault = await filled(memory())
    const names = [...new Set((await rowsOf(vault)).map(({ collection }) => collection))]
    expect(names).toEqual([
      ...['_meta', '_keyring', '_access', '_deks'],
      ...['_audit', '_bases', '_history', '_tombstones', 'notes'],
    ])
    const target = memory()
    await copyVault(vault, target)
    const copy = await vault.noydb.over(target).openVault('v', { create: false })
    expect(await copy.collection<Note>('notes').list()).toEqual([{ n: 10 }, { n: 2 }])
    expect((await copy.audit.verify()).ok).toBe(true)
    await copy.collection<Note>('notes').put('n2', { n: 0 })
    expect(await vault.collection<Note>('notes').get('n2')).toEqual({ n: 2 })
  })

  it('loses its keys with the session it came from', async () => {
    const vault = await filled(memory())
    const target = memory()
    await copyVault(vault, target)
    const over = vault.noydb.over(target)
    const copy = await over.openVault('v', { create: false })
    vault.noydb.close()
    expect(over.isClosed).toBe(true)
    await expect(copy.collection('notes').list()).rejects.toThrow()
  })

  it('opens row by row; one changed row does not', async () => {
    const vault = await filled(memory())
    const rows = await rowsOf(vault)
    const opened = await Promise.all(rows.map((row) => openRow(vault, row)))
    const clear = rows.filter((_, at) => !opened[at]).map(({ collection }) => collection)
    expect([...new Set(clear)]).toEqual(['_meta', '_keyring', '_tombstones'])
    for (const row of rows.filter((_, at) => opened[at])) {
      const moved = { ...row, envelope: { ...row.envelope, _v: row.envelope._v + 1 } }
      await expect(openRow(vault, moved)).rejects.toMatchObject({ code: 'TAMPERED' })
    }
  })

  it('carries a seal of its vault, for that copy alone', async () => {
    const [vault, other] = [await open(memory()), await open(memory())]
    const seal = sealFacts(vault, 'c1', { rows: 3 })
    expect(openFacts(vault, 'c1', seal)).toEqual({ rows: 3 })
    expect(() => openFacts(vault, 'c2', seal)).toThrow()
    expect(() => openFacts(other, 'c1', seal)).toThrow()
  })

  it('needs a store that names its collections', async () => {
    await expect(rowsOf(await open(bareStore()))).rejects.toMatchObject({ code: 'STORE_CAPABILITY' })
  })
})

describe('a copy put back', () => {
  it('is the vault as it was, with an audit entry that says so', async () => {
    const store = memory()
    const vault = await filled(store)
    const [rows, before] = [await rowsOf(vault), await vault.audit.list()]
    const notes = vault.collection<Note>('notes')
    await notes.put('n2', { n: 20 })
    await notes.put('late', { n: 4 })
    await vault.collection('more').put('x', {})
    const [last] = await vault.audit.list()
    await replaceVault(vault, again(rows))
    expect(await notes.list()).toEqual([{ n: 10 }, { n: 2 }])
    expect(await notes.query().where('n', '==', 2).run()).toEqual([{ n: 2 }])
    expect(await vault.collections()).toEqual(['notes'])
    const [entry, ...earlier] = await vault.audit.list()
    expect(earlier).toEqual(before)
    expect(entry).toMatchObject({ command: 'test.restore', actor: 'ann' })
    expect(entry?.reason).toContain(`entry ${last?.seq}, ${last?.hash}`)
    expect((await vault.audit.verify()).ok).toBe(true)
    await notes.put('n3', { n: 5 }) // continues after the tombstone
    expect((await notes.entry('n3'))?.metadata.version).toBe(2)
    expect((await vault.audit.verify()).ok).toBe(true)
  })

  it('makes other sessions open the vault anew', async () => {
    const store = memory()
    const vault = await filled(store)
    const other = await open(store)
    await other.collection<Note>('notes').list()
    await replaceVault(vault, again(await rowsOf(vault)))
    await expect(other.collection<Note>('notes').put('n2', { n: 0 })).rejects.toMatchObject({
      code: 'MIGRATION_REQUIRED',
    })
    await (await open(store)).collection<Note>('notes').put('n2', { n: 0 })
  })

  it('gives back no access that was taken away', async () => {
    const store = memory()
    const vault = await filled(store)
    await vault.noydb.grant('v', member('bob', 'viewer'))
    const rows = await rowsOf(vault)
    await vault.noydb.revoke('v', { userId: 'bob', rotateKeys: false })
    await replaceVault(vault, again(rows))
    const bob = await session(store, { user: 'bob' })
    await expect(bob.openVault('v', { create: false })).rejects.toMatchObject({ code: 'NO_ACCESS' })
  })

  it('is refused when the keys were renewed since', async () => {
    const store = memory()
    const vault = await filled(store)
    await vault.noydb.grant('v', member('bob', 'viewer'))
    const rows = await rowsOf(vault)
    await vault.noydb.revoke('v', { userId: 'bob' })
    const before = await contents(store, ['v'])
    await expect(replaceVault(vault, again(rows))).rejects.toMatchObject({ code: 'KEYS_RENEWED' })
    expect(await contents(store, ['v'])).toEqual(before)
  })

  it('is one transaction with rows of other vaults', async () => {
    const store = memory()
    const vault = await filled(store)
    const rows = await rowsOf(vault)
    const state = await vault.noydb.openVault('state')
    await vault.collection<Note>('notes').put('n2', { n: 20 })
    const conflicting = replaceVault(vault, again(rows), (tx) =>
      tx.put(state, 'shards', 'v', { version: 1 }, { expectedVersion: 7 }),
    )
    await expect(conflicting).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await vault.collection<Note>('notes').get('n2')).toEqual({ n: 20 })
    await replaceVault(vault, again(rows), (tx) => tx.put(state, 'shards', 'v', { version: 1 }))
    expect(await vault.collection<Note>('notes').get('n2')).toEqual({ n: 2 })
    expect(await state.collection('shards').get('v')).toEqual({ version: 1 })
    const itself = replaceVault(vault, again(rows), (tx) => tx.put(vault, 'notes', 'n2', { n: 0 }))
    await expect(itself).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  it('changes nothing where its source fails', async () => {
    const store = memory()
    const vault = await filled(store)
    const before = await contents(store, ['v'])
    const source = {
      ...again([]),
      rows: async function* () {
        yield (await Promise.resolve([])) satisfies CopiedRow[]
        throw new Error('cut short')
      },
    }
    await expect(replaceVault(vault, source)).rejects.toThrow('cut short')
    expect(await contents(store, ['v'])).toEqual(before)
    expect(await vault.collection<Note>('notes').list()).toEqual([{ n: 10 }, { n: 2 }])
  })

  it('is for owners and admins, on a store with transactions', async () => {
    const store = memory()
    const owner = await filled(store)
    await owner.noydb.grant('v', member('eve', 'viewer'))
    const viewer = await open(store, { user: 'eve' })
    await expect(replaceVault(viewer, again([]))).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await expect(replaceVault(await open(bareStore()), again([]))).rejects.toMatchObject({
      code: 'STORE_CAPABILITY',
    })
  })
})
