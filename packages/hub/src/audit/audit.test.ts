import { describe, expect, it } from 'vitest'
import { memory } from '../memory.ts'
import { bareStore, session } from '../noydb/test-session.ts'
import type { AuditProblem } from '../types/audit.ts'
import type { EncryptedEnvelope, NoydbStore } from '../types/store.ts'
import { entryId } from './entry.ts'

async function open(store: NoydbStore, history = true) {
  const db = await session(store, { history, audit: true })
  return { db, vault: await db.openVault('v') }
}

async function kinds(store: NoydbStore, history = true): Promise<AuditProblem['kind'][]> {
  const { vault } = await open(store, history)
  const report = await vault.audit.verify()
  expect(report.ok).toBe(report.problems.length === 0)
  return [...new Set(report.problems.map(({ kind }) => kind))].sort()
}

async function edit(
  store: NoydbStore,
  collection: string,
  id: string,
  change: (row: EncryptedEnvelope) => EncryptedEnvelope,
) {
  const row = await store.get('v', collection, id)
  if (row === null) throw new Error(`no ${collection}/${id}`)
  await store.put('v', collection, id, change(row))
}

/** Three entries: x 1, x 2 with y 1, y deleted. */
async function prepared(history = true) {
  const store = memory()
  const { db, vault } = await open(store, history)
  await vault.collection('c').put('x', { n: 1 }, { reason: 'first' })
  await db.transaction(
    (tx) => {
      tx.put(vault, 'c', 'x', { n: 2 })
      tx.put(vault, 'c', 'y', { n: 1 })
      tx.putSidecar(vault, '_imports', { key: 'i' }, { of: 'import' })
    },
    { command: 'imports.apply', reason: 'month end' },
  )
  await vault.collection('c').delete('y')
  return { store, vault }
}

describe('the audit chain', () => {
  it.each([
    ['a store with transactions', memory],
    ['a bare store', bareStore],
  ])('has one entry for each transaction on %s', async (_name, makeStore) => {
    const store = makeStore()
    const { db, vault } = await open(store)
    await vault.collection('c').put('x', { n: 1 }, { reason: 'first' })
    await db.transaction(
      (tx) => {
        tx.put(vault, 'c', 'x', { n: 2 })
        tx.putSidecar(vault, '_imports', { key: 'i' }, {})
      },
      { command: 'imports.apply', reason: 'month end' },
    )
    await vault.collection('c').delete('never there')
    const entries = await vault.audit.list()
    expect(entries).toMatchObject([
      {
        seq: 2,
        actor: 'ann',
        command: 'imports.apply',
        reason: 'month end',
        changes: [{ collection: 'c', id: 'x', before: 1, after: 2 }],
        sidecars: { _imports: 1 },
      },
      {
        seq: 1,
        command: 'put',
        reason: 'first',
        changes: [{ collection: 'c', id: 'x', before: 0, after: 1 }],
      },
    ])
    expect(entries[0]?.previous).toBe(entries[1]?.hash)
    expect(await vault.audit.list({ limit: 1 })).toHaveLength(1)
    expect(await vault.audit.list({ before: 2 })).toMatchObject([{ seq: 1 }])
    expect(await vault.audit.verify()).toMatchObject({
      ok: true,
      entries: 2,
      versionsChecked: 2,
      head: entries[0]?.hash,
    })
  })

  it('holds, also where earlier versions are not kept', async () => {
    for (const history of [true, false]) {
      const { store } = await prepared(history)
      expect(await kinds(store, history)).toEqual([])
      expect(await kinds(store, !history)).toEqual([])
    }
  })

  const damage: Array<[string, (store: NoydbStore) => Promise<unknown>, AuditProblem['kind'][]]> = [
    [
      'a current row is altered',
      (s) => edit(s, 'c', 'x', (row) => ({ ...row, _data: `AAAA${row._data.slice(4)}` })),
      ['row-altered'],
    ],
    [
      'an earlier version is altered',
      (s) => edit(s, '_history', 'c/x/000000000001', (row) => ({ ...row, _iv: `AAAA${row._iv.slice(4)}` })),
      ['row-altered'],
    ],
    ['a current row is gone', (s) => s.delete('v', 'c', 'x'), ['row-missing']],
    ['an earlier version is gone', (s) => s.delete('v', '_history', 'c/x/000000000001'), ['row-missing']],
    [
      'a row is put back to an earlier version',
      async (s) => s.put('v', 'c', 'x', (await s.get('v', '_history', 'c/x/000000000001'))!),
      ['row-missing'],
    ],
    [
      'a deleted row is back',
      async (s) => s.put('v', 'c', 'y', (await s.get('v', '_history', 'c/y/000000000001'))!),
      ['row-altered'],
    ],
    ['an entry is gone', (s) => s.delete('v', '_audit', entryId(2)), ['missing-entry']],
    [
      'an entry is altered',
      (s) => edit(s, '_audit', entryId(2), (row) => ({ ...row, _data: `AAAA${row._data.slice(4)}` })),
      ['entry-altered'],
    ],
    [
      'an entry is copied over another',
      async (s) => s.put('v', '_audit', entryId(2), (await s.get('v', '_audit', entryId(1)))!),
      ['entry-altered'],
    ],
    ['the last entry is cut off', (s) => s.delete('v', '_audit', entryId(3)), ['missing-entry']],
    [
      'the head is altered',
      (s) => edit(s, '_audit', 'head', (row) => ({ ...row, _v: 2 })),
      ['head-mismatch'],
    ],
    ['the head is gone', (s) => s.delete('v', '_audit', 'head'), ['head-mismatch']],
  ] // rows read with `!` were written by `prepared`
  it.each(damage)('shows that %s', async (_what, harm, expected) => {
    const { store } = await prepared()
    await harm(store)
    expect(await kinds(store)).toEqual(expected)
  })

  it('shows that head and last entry were rolled back together while rows stayed', async () => {
    const store = memory()
    const { vault } = await open(store)
    await vault.collection('c').put('x', { n: 1 })
    const head = await store.get('v', '_audit', 'head')
    await vault.collection('c').put('x', { n: 2 })
    await store.put('v', '_audit', 'head', head!) // written by the first put
    expect(await kinds(store)).toEqual(['head-mismatch'])
  })

  it('packs a large change list and reads it back', async () => {
    const store = memory()
    const { vault } = await open(store)
    await vault
      .collection('c')
      .putMany(Array.from({ length: 1500 }, (_, n) => ({ id: `id-${n}`, record: { n } })))
    const [entry] = await vault.audit.list()
    expect(entry?.changes).toHaveLength(1500)
    expect(entry?.changes[7]).toEqual({ collection: 'c', id: 'id-7', before: 0, after: 1 })
    const row = await store.get('v', '_audit', entryId(1))
    expect(row?._data.length).toBeLessThan(30_000)
    const seen: number[] = []
    const report = await vault.audit.verify({ onProgress: (done) => seen.push(done) })
    expect(report).toMatchObject({ ok: true, versionsChecked: 1500 })
    const stop = AbortSignal.abort(new Error('enough'))
    await expect(vault.audit.verify({ signal: stop })).rejects.toThrow('enough')
  })

  it('goes on when another session moved the head', async () => {
    const store = memory()
    const [left, right] = [(await open(store)).vault, (await open(store)).vault]
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? left : right).collection('c').put(`id-${n}`, { n })),
    )
    expect(await left.audit.verify()).toMatchObject({ ok: true, entries: 20 })
  })
})
