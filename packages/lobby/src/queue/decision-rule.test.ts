import { beforeEach, expect, it } from 'vitest'
import type { Noydb } from '@noy-db/hub'
import { openOffice } from '../fixture-office.ts'
import type { Body } from '../import/types.ts'
import { mergeDecryptedRecords } from '../interchange/merge-records.ts'
import { openConflictQueue, type ConflictQueue } from './conflict-queue.ts'

const sent = { shipTo: 'Front', status: 'open', lines: [{ lineNo: 1, qty: 1 }] }

let db: Noydb
let queue: ConflictQueue

async function receive(bodies: Record<string, Body>, strategy: 'take-incoming' | 'manual-queue') {
  const orders = Object.entries(bodies).map(([id, body]) => {
    return { id, record: { id, ...body }, ts: '2026-03-01T10:00:00.000Z', version: 1 }
  })
  await mergeDecryptedRecords(await db.openVault('acme'), { orders }, { strategy, db, party: 'Books' })
}

/** Changes since both had the same: by them, by us, by both, and of something else too. */
beforeEach(async () => {
  db = await openOffice('ada')
  await receive({ theirs: sent, ours: sent, both: sent, more: sent, line: sent }, 'take-incoming')
  const orders = (await db.openVault('acme')).collection<Body>('orders')
  for (const id of ['ours', 'both']) await orders.put(id, { ...sent, id, shipTo: 'Gate' })
  await orders.put('more', { ...sent, id: 'more', shipTo: 'Gate', status: 'paid' })
  const back = { ...sent, shipTo: 'Back' }
  const line = { ...sent, lines: [{ lineNo: 1, qty: 2 }] }
  await receive({ theirs: back, ours: sent, both: back, more: back, line }, 'manual-queue')
  queue = await openConflictQueue(db)
})

async function namesOf(field: string): Promise<string[]> {
  return (await queue.list({ status: 'open', field })).rows.map(({ recordId }) => recordId).sort()
}

it('finds conflicts by every field that differs, whoever changed it', async () => {
  expect(await namesOf('shipTo')).toEqual(['both', 'more', 'ours', 'theirs'])
  expect(await namesOf('status')).toEqual(['more'])
  expect(await namesOf('lines')).toEqual(['line'])
  const [line] = (await queue.list({ field: 'lines' })).rows
  expect(line?.fields).toEqual(['lines.1.qty'])
})

it.each([
  ['theirs', { theirs: 'Back', ours: 'Front', both: 'Back', more: 'Gate' }],
  ['ours', { theirs: 'Front', ours: 'Gate', both: 'Gate', more: 'Gate' }],
] as const)('takes %s wherever nothing but the named field differs', async (take, expected) => {
  const rule = { take, fields: ['shipTo'] }
  const { hash, ...preview } = await queue.previewMany({}, rule)
  expect(preview).toMatchObject({ found: 5, matched: 3, refused: [] })
  expect(await queue.decideMany({}, rule, { expectHash: hash })).toMatchObject({ decided: 3, remaining: 2 })
  const orders = (await db.openVault('acme')).collection<Body>('orders')
  for (const [id, shipTo] of Object.entries(expected))
    expect(await orders.get(id)).toMatchObject({ id, shipTo })
})

it('follows the record as it is now, not as it was queued', async () => {
  const orders = (await db.openVault('acme')).collection<Body>('orders')
  await orders.put('more', { ...sent, id: 'more', shipTo: 'Gate' })
  expect(await queue.previewMany({}, { take: 'theirs', fields: ['shipTo'] })).toMatchObject({ matched: 4 })
  expect(await queue.previewMany({}, { take: 'theirs', fields: ['shipTo', 'lines'] })).toMatchObject({
    matched: 5,
  })
})
