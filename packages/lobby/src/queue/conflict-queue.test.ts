import { beforeEach, describe, expect, it } from 'vitest'
import { createNoydb, type Noydb, type NoydbStore, type VaultApi } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { z } from 'zod'
import { CHEAP_KDF, contents, fill, openOffice } from '../fixture-office.ts'
import type { Body } from '../import/types.ts'
import { mergeDecryptedRecords } from '../interchange/merge-records.ts'
import { openState } from '../state.ts'
import { openConflictQueue, type ConflictQueue } from './conflict-queue.ts'
import type { ConflictRef, ConflictView, Resolution } from './types.ts'

const TS = '2026-03-01T10:00:00.000Z'

let store: NoydbStore
let db: Noydb
let queue: ConflictQueue

function declare(vault: VaultApi): void {
  vault.collection('orders', { schema: z.looseObject({ id: z.string(), freight: z.number().min(0) }) })
}

/** Two records differ from what arrives, in two vaults. */
beforeEach(async () => {
  store = memory()
  db = await openOffice('ada', store)
  for (const vault of ['acme', 'bolt']) {
    declare(await db.openVault(vault))
    await fill(db, vault, {
      orders: {
        o1: {
          freight: 10,
          note: 'ours',
          lines: [
            { lineNo: 1, qty: 1 },
            { lineNo: 2, qty: 2 },
          ],
        },
        o2: { freight: 20, note: 'same' },
      },
    })
    const incoming = [
      {
        id: 'o1',
        record: {
          id: 'o1',
          freight: 11,
          note: 'theirs',
          lines: [
            { lineNo: 1, qty: 1 },
            { lineNo: 2, qty: 9 },
          ],
        },
        ts: TS,
        version: 3,
      },
      { id: 'o2', record: { id: 'o2', freight: 22, note: 'same' }, ts: TS, version: 4 },
    ]
    await mergeDecryptedRecords(
      await db.openVault(vault),
      { orders: incoming },
      { strategy: 'three-way', db },
    )
  }
  queue = await openConflictQueue(db, { declare })
})

async function find(vault: string, recordId: string): Promise<ConflictRef> {
  const { rows } = await queue.list({ vault })
  const found = rows.find((row) => row.recordId === recordId)
  if (found === undefined) throw new Error(`expected a conflict of ${vault}/${recordId}`)
  return found
}

function versions(view: ConflictView) {
  return { expectRowVersion: view.rowVersion, expectRecordVersion: view.currentVersion }
}

async function decide(ref: ConflictRef, resolution: Resolution, reason?: string) {
  return queue.decide(ref, resolution, {
    ...versions(await queue.get(ref)),
    ...(reason !== undefined && { reason }),
  })
}

async function order(vault: string, id: string): Promise<Body | null> {
  return (await db.openVault(vault)).collection<Body>('orders').get(id)
}

describe('conflict queue', () => {
  it('lists across vaults from the index, in pages', async () => {
    expect(await queue.counts()).toMatchObject({
      open: 4,
      records: 4,
      byVault: { acme: 2, bolt: 2 },
      byKind: { 'no-base': 4 },
    })
    const first = await queue.list({ status: 'open' }, { limit: 3 })
    expect(first).toMatchObject({ total: 4, rows: { length: 3 } })
    const rest = await queue.list({ status: 'open' }, { limit: 3, cursor: first.cursor })
    expect(rest).toMatchObject({ cursor: null, rows: { length: 1 } })
    expect(new Set([...first.rows, ...rest.rows].map(({ vault, recordId }) => vault + recordId)).size).toBe(4)
    expect((await queue.list({ field: 'lines' })).total).toBe(2)
  })

  it('previews and decides by field, down to a line', async () => {
    const ref = await find('acme', 'o1')
    const picks = { freight: { pick: 'custom', value: 12 }, 'lines.2.qty': { pick: 'theirs' } } as const
    const preview = await queue.preview(ref, { kind: 'fields', picks })
    const decided = {
      id: 'o1',
      freight: 12,
      note: 'ours',
      lines: [
        { lineNo: 1, qty: 1 },
        { lineNo: 2, qty: 9 },
      ],
    }
    expect(preview).toMatchObject({ result: decided, issues: [], moved: false })
    expect(preview.changes.map(({ path }) => path)).toEqual(['freight', 'lines.2.qty'])
    expect(await decide(ref, { kind: 'fields', picks })).toMatchObject({ decided: 1, remaining: 3 })
    expect(await order('acme', 'o1')).toEqual(decided)
    expect((await queue.get(ref)).row).toMatchObject({
      status: 'decided',
      decision: { actor: 'ada', result: decided },
    })
    await expect(decide(ref, { kind: 'ours' })).rejects.toMatchObject({ code: 'CONFLICT_NOT_OPEN' })
  })

  it('refuses results the schema refuses, and fields that are not there', async () => {
    const ref = await find('acme', 'o1')
    const negative = { kind: 'fields', picks: { freight: { pick: 'custom', value: -1 } } } as const
    expect((await queue.preview(ref, negative)).issues).toMatchObject([{ path: 'freight' }])
    await expect(decide(ref, negative)).rejects.toMatchObject({
      code: 'DECISION_INVALID',
      issues: [{ path: 'freight' }],
    })
    const unknown = { kind: 'fields', picks: { 'lines.7.qty': { pick: 'theirs' } } } as const
    await expect(queue.preview(ref, unknown)).rejects.toMatchObject({ code: 'DECISION_INVALID' })
    await expect(queue.preview(ref, { kind: 'base' })).rejects.toMatchObject({ code: 'DECISION_INVALID' })
    await expect(decide(ref, { kind: 'close' })).rejects.toMatchObject({ code: 'DECISION_INVALID' })
    await decide(ref, { kind: 'close' }, 'settled by phone')
    expect(await queue.counts()).toMatchObject({ open: 3, closed: 1 })
  })

  it('shows a record edited since against what it is now, and never overwrites it unseen', async () => {
    const ref = await find('acme', 'o2')
    const seen = await queue.get(ref)
    await (
      await db.openVault('acme')
    )
      .collection<Body>('orders')
      .put('o2', { id: 'o2', freight: 21, note: 'new' })
    await expect(queue.decide(ref, { kind: 'theirs' }, versions(seen))).rejects.toMatchObject({
      code: 'CONFLICT_MOVED',
    })
    const view = await queue.get(ref)
    expect(view).toMatchObject({ moved: true, current: { freight: 21 }, row: { ours: { freight: 20 } } })
    expect(view.fields.map(({ path, ours }) => [path, ours])).toEqual([
      ['freight', 21],
      ['note', 'new'],
    ])
    await decide(ref, { kind: 'theirs' })
    expect(await order('acme', 'o2')).toEqual({ id: 'o2', freight: 22, note: 'same' })
  })

  it('lets only one of two decisions through', async () => {
    const ref = await find('acme', 'o2')
    const seen = versions(await queue.get(ref))
    const results = await Promise.allSettled([
      queue.decide(ref, { kind: 'theirs' }, seen),
      queue.decide(ref, { kind: 'ours' }, seen),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('undoes a decision, also after a restart, but not over later work', async () => {
    const before = await contents(db, 'acme')
    const ref = await find('acme', 'o1')
    await decide(ref, { kind: 'theirs' })
    const restarted = await createNoydb({
      store,
      user: 'ada',
      secret: 'secret of ada',
      kdf: CHEAP_KDF,
      history: true,
    })
    const later = await openConflictQueue(restarted, { declare })
    const batch = await later.lastBatch()
    expect(await later.undo(batch ?? '')).toMatchObject({ reopened: 1, remaining: 4 })
    expect(await contents(restarted, 'acme')).toEqual(before)
    expect(await later.lastBatch()).toBeNull()
    const view = await later.get(ref)
    expect(view).toMatchObject({ moved: false, row: { status: 'open' } })
    const { batchId } = await later.decide(ref, { kind: 'theirs' }, versions(view))
    const orders = (await restarted.openVault('acme')).collection<Body>('orders')
    await orders.put('o1', { id: 'o1', freight: 5 })
    await expect(later.undo(batchId)).rejects.toMatchObject({
      code: 'DECISION_EDITED',
      refs: [ref].map(({ vault }) => ({ vault })),
    })
    expect(await orders.get('o1')).toEqual({ id: 'o1', freight: 5 })
  })

  it('decides by rule exactly what was previewed, as one batch', async () => {
    const rule = { take: 'theirs', fields: ['freight'] } as const
    const preview = await queue.previewMany({}, rule)
    expect(preview).toMatchObject({ found: 4, matched: 2, refused: [], byVault: { acme: 1, bolt: 1 } })
    await (
      await db.openVault('bolt')
    )
      .collection<Body>('orders')
      .put('o2', { id: 'o2', freight: 1, note: 'same' })
    await expect(queue.decideMany({}, rule, { expectHash: preview.hash })).rejects.toMatchObject({
      code: 'BATCH_STALE',
    })
    const again = await queue.previewMany({}, rule)
    const { batchId, decided, remaining } = await queue.decideMany({}, rule, {
      expectHash: again.hash,
      reason: 'client is right',
    })
    expect({ decided, remaining }).toEqual({ decided: 2, remaining: 2 })
    expect(await order('bolt', 'o2')).toEqual({ id: 'o2', freight: 22, note: 'same' })
    expect(await queue.undo(batchId)).toMatchObject({ reopened: 2, remaining: 4 })
    expect(await order('bolt', 'o2')).toMatchObject({ freight: 1 })
  })

  it('repairs an index that lost rows or has rows of nothing', async () => {
    const state = await openState(db)
    const [lost] = await state.index.entries()
    if (lost === undefined) throw new Error('expected an index row')
    await state.index.delete(lost.id)
    await state.index.put('stray', { ...lost.record, conflictId: 'gone' })
    const repaired = await openConflictQueue(db, { vaults: ['acme', 'bolt', 'nowhere'] })
    expect(repaired.repaired).toMatchObject({
      added: 1,
      removed: 1,
      changed: 0,
      skipped: [{ vault: 'nowhere' }],
    })
    expect(await repaired.counts()).toMatchObject({ open: 4 })
  })

  it('keeps no value of a record in the state vault', async () => {
    await decide(await find('acme', 'o1'), { kind: 'theirs' }, 'as agreed')
    const { index } = await openState(db)
    const text = JSON.stringify(await index.list())
    for (const value of ['theirs"', 'as agreed', '"qty"']) expect(text).not.toContain(value)
  })
})
