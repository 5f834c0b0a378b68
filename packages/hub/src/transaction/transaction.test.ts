import { describe, expect, it, vi } from 'vitest'
import { ConflictError, RefIntegrityError, ValidationError } from '../errors.ts'
import { memory } from '../memory.ts'
import { contents, session } from '../noydb/test-session.ts'
import { ref } from '../refs/ref.ts'
import type { NoydbStore } from '../types/store.ts'
import type { Transaction } from '../types/transaction.ts'

const VAULTS = ['a', 'b', '__noydb_users__']

async function twoVaults(store: NoydbStore = memory()) {
  const db = await session(store, { history: true, audit: true })
  const [a, b] = [await db.openVault('a'), await db.openVault('b')]
  await a.collection('c').put('x', { n: 1 })
  await b.collection('c').put('x', { n: 1 })
  return { store, db, a, b }
}

describe('a transaction', () => {
  it('writes to several vaults in one store transaction', async () => {
    const inner = memory()
    const tx = vi.fn(inner.tx) // the memory store has it
    const { store, db, a, b } = await twoVaults({ ...inner, tx })
    tx.mockClear()
    const result = await db.transaction((work) => {
      work.put(a, 'c', 'x', { n: 2 })
      work.delete(b, 'c', 'x')
      work.put(b, 'c', 'y', { n: 3 })
      return 'done'
    })
    expect(result).toBe('done')
    expect(tx).toHaveBeenCalledTimes(1)
    expect(await a.collection('c').get('x')).toEqual({ n: 2 })
    const fresh = await (await session(store)).openVault('b')
    expect(await fresh.collection('c').list()).toEqual([{ n: 3 }])
  })

  it('reads what it staged first, and stages copies', async () => {
    const { db, a } = await twoVaults()
    await db.transaction(async (tx) => {
      const record = { n: 7 }
      tx.put(a, 'c', 'x', record)
      record.n = 8
      expect(await tx.get(a, 'c', 'x')).toEqual({ n: 7 })
      tx.delete(a, 'c', 'x')
      expect(await tx.get(a, 'c', 'x')).toBeNull()
      tx.put(a, 'c', 'x', { n: 9 })
    })
    expect(await a.collection('c').entry('x')).toMatchObject({ record: { n: 9 }, metadata: { version: 2 } })
  })

  const failures: Array<[string, (tx: Transaction, vaults: Awaited<ReturnType<typeof twoVaults>>) => void]> =
    [
      [
        'the work throws',
        () => {
          throw new Error('stop')
        },
      ],
      ['a record is no JSON', (tx, { b }) => tx.put(b, 'c', 'y', { n: NaN })],
      ['a version moved', (tx, { b }) => tx.put(b, 'c', 'x', {}, { expectedVersion: 7 })],
      ['a reference points nowhere', (tx, { b }) => tx.put(b, 'referring', 'y', { to: 'nobody' })],
      [
        'a sidecar moved',
        (tx, { b }) => tx.putSidecar(b, '_imports', { key: 'i' }, {}, { expectedVersion: 3 }),
      ],
      ['a record is too large', (tx, { b }) => tx.put(b, 'c', 'y', 'x'.repeat(9 * 1024 * 1024))],
    ]
  it.each(failures)('leaves store and caches as they were when %s', async (_when, fail) => {
    const setting = await twoVaults()
    const { store, db, a, b } = setting
    b.collection('referring', { refs: { to: ref('c') } })
    const before = await contents(store, VAULTS)
    const changes = vi.fn()
    db.on('change', changes)
    const work = db.transaction((tx) => {
      tx.put(a, 'c', 'x', { n: 99 })
      fail(tx, setting)
    })
    await expect(work).rejects.toThrow()
    expect(await contents(store, VAULTS)).toEqual(before)
    expect(await a.collection('c').get('x')).toEqual({ n: 1 })
    expect(changes).not.toHaveBeenCalled()
    await a.collection('c').put('x', { n: 2 })
    expect((await a.audit.verify()).problems).toEqual([])
  })

  it('leaves everything as it was when the store fails', async () => {
    const inner = memory()
    let broken = false
    const tx: NoydbStore['tx'] = (ops) => (broken ? Promise.reject(new Error('disk full')) : inner.tx(ops)) // memory has tx
    const { store, db, a, b } = await twoVaults({ ...inner, tx })
    const before = await contents(store, VAULTS)
    broken = true
    const work = db.transaction((t) => {
      t.put(a, 'c', 'x', { n: 2 })
      t.delete(b, 'c', 'x')
    })
    await expect(work).rejects.toThrow('disk full')
    broken = false
    expect(await contents(store, VAULTS)).toEqual(before)
    expect(await b.collection('c').get('x')).toEqual({ n: 1 })
    await a.collection('c').put('x', { n: 3 })
    expect((await a.audit.verify()).ok).toBe(true)
  })

  it('can be stopped until the store is asked', async () => {
    const { store, db, a } = await twoVaults()
    const before = await contents(store, VAULTS)
    const stop = new AbortController()
    stop.abort(new Error('never mind'))
    await expect(db.transaction((tx) => tx.put(a, 'c', 'x', {}), { signal: stop.signal })).rejects.toThrow(
      'never mind',
    )
    expect(await contents(store, VAULTS)).toEqual(before)
  })

  it('has ended when its work has', async () => {
    const { db, a } = await twoVaults()
    let kept: Transaction | undefined
    await db.transaction((tx) => void (kept = tx))
    expect(() => kept?.put(a, 'c', 'x', {})).toThrow(ValidationError)
    expect(() => kept?.putSidecar(a, '_imports', { key: 'k' }, {})).toThrow(ValidationError)
  })

  it('of many over the same vaults do not wait for each other for ever, and none is lost', async () => {
    const { store, db, a, b } = await twoVaults()
    const second = await session(store, { history: true, audit: true })
    const [a2, b2] = [await second.openVault('a'), await second.openVault('b')]
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => [
        db.transaction((tx) => {
          tx.put(b, 'c', `l${n}`, { n })
          tx.put(a, 'c', `l${n}`, { n })
        }),
        second.transaction((tx) => {
          tx.put(a2, 'c', `r${n}`, { n })
          tx.put(b2, 'c', `r${n}`, { n })
        }),
      ]).flat(),
    )
    const fresh = await session(store)
    for (const name of ['a', 'b']) {
      const vault = await fresh.openVault(name)
      expect(await vault.collection('c').count()).toBe(21)
      expect(await vault.audit.verify()).toMatchObject({ ok: true, entries: 21 })
    }
  })

  it('compares versions with the store, not with the cache', async () => {
    const { store, a } = await twoVaults()
    const other = await (await session(store)).openVault('a')
    await other.collection('c').put('x', { n: 2 })
    await expect(a.collection('c').put('x', {}, { expectedVersion: 1 })).rejects.toThrow(ConflictError)
    await a.collection('c').put('x', { n: 3 }, { expectedVersion: 2 })
  })
})

describe('references', () => {
  it('resolve against staged rows, in any order', async () => {
    const { db, a } = await twoVaults()
    a.collection('invoices', { refs: { client: ref('clients') } })
    await db.transaction((tx) => {
      tx.put(a, 'invoices', 'i', { client: 'k' })
      tx.put(a, 'clients', 'k', {})
    })
    await expect(a.collection('clients').delete('k')).rejects.toThrow(RefIntegrityError)
    await db.transaction((tx) => {
      tx.delete(a, 'clients', 'k')
      tx.delete(a, 'invoices', 'i')
    })
    const dangling = db.transaction((tx) => {
      tx.put(a, 'clients', 'k', {})
      tx.put(a, 'invoices', 'i', { client: 'k' })
      tx.delete(a, 'clients', 'k')
    })
    await expect(dangling).rejects.toThrow(RefIntegrityError)
  })
})
