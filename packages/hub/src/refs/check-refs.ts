/** References at commit: strict ones must resolve, and what points at a deleted record decides about the delete. */
import { RefIntegrityError } from '../errors.ts'
import { readPath } from '../ids.ts'
import type { Row } from '../collection/row.ts'
import { Slices } from '../transaction/slices.ts'
import type { Batch, StagedPut } from '../transaction/staging.ts'
import type { RefDescriptor } from '../types/schema.ts'
import type { InboundRef } from './ref-registry.ts'

/** @throws RefIntegrityError for a strict reference that resolves neither among the staged rows nor in the store */
export async function checkOutbound(batch: Batch): Promise<void> {
  const slices = new Slices()
  for (const [collection, writes] of batch.byCollection()) {
    const strict = Object.entries(batch.core.refs.getOutbound(collection)).filter(
      ([, { mode }]) => mode === 'strict',
    )
    if (strict.length === 0) continue
    for (const [, { target }] of strict) await batch.core.stateOf(target).rows.ready()
    for (const write of writes) {
      if (write.op === 'delete') continue
      for (const [field, descriptor] of strict) {
        const check = checkField(batch, write, field, descriptor)
        if (check !== undefined) await check
      }
      if (slices.due()) await slices.pause()
    }
  }
}

/** A promise only where the target is not in memory. */
function checkField(
  batch: Batch,
  write: StagedPut,
  field: string,
  { target }: RefDescriptor,
): Promise<void> | undefined {
  const value = readPath(write.record, field)
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'string' && typeof value !== 'number') throw dangling(write, field, target, null)
  const refId = String(value)
  const staged = batch.staged(target, refId)
  if (staged?.op === 'put') return undefined
  if (staged?.op === 'delete') throw dangling(write, field, target, refId)
  const { rows } = batch.core.stateOf(target)
  if (!rows.isLarge) {
    if (rows.peek(refId) === undefined) throw dangling(write, field, target, refId)
    return undefined
  }
  return batch.core.store.get(batch.core.name, target, refId).then((row) => {
    if (row === null) throw dangling(write, field, target, refId)
  })
}

/**
 * Adds the deletes that `cascade` references ask for, until there are no more.
 * @throws RefIntegrityError when a strict reference to a deleted record would stay
 */
export async function expandDeletes(batch: Batch): Promise<void> {
  const seen = new Set<string>()
  for (;;) {
    const fresh = newDeletes(batch, seen)
    if (fresh.size === 0) break
    for (const [target, ids] of fresh) {
      for (const inbound of batch.core.refs.getInbound(target)) {
        if (inbound.mode === 'cascade') await cascade(batch, inbound, ids)
      }
    }
  }
  for (const [target, ids] of deletedIds(batch)) {
    for (const inbound of batch.core.refs.getInbound(target)) {
      if (inbound.mode === 'strict') await refuseReferrers(batch, inbound, target, ids)
    }
  }
}

function deletedIds(batch: Batch): Map<string, Set<string>> {
  const deleted = new Map<string, Set<string>>()
  for (const { op, collection, id } of batch.writes.values()) {
    if (op !== 'delete' || batch.core.refs.getInbound(collection).length === 0) continue
    deleted.set(collection, (deleted.get(collection) ?? new Set()).add(id))
  }
  return deleted
}

function newDeletes(batch: Batch, seen: Set<string>): Map<string, Set<string>> {
  const fresh = new Map<string, Set<string>>()
  for (const [collection, ids] of deletedIds(batch)) {
    for (const id of ids) {
      const key = `${collection}/${id}`
      if (seen.has(key)) continue
      seen.add(key)
      fresh.set(collection, (fresh.get(collection) ?? new Set()).add(id))
    }
  }
  return fresh
}

async function cascade(
  batch: Batch,
  { collection, field }: InboundRef,
  ids: ReadonlySet<string>,
): Promise<void> {
  for await (const { id } of referrers(batch, collection, field, ids)) {
    if (batch.staged(collection, id)?.op !== 'delete') batch.delete(collection, id)
  }
}

async function refuseReferrers(
  batch: Batch,
  { collection, field }: InboundRef,
  target: string,
  ids: ReadonlySet<string>,
): Promise<void> {
  for await (const row of referrers(batch, collection, field, ids)) {
    const refId = String(readPath(row.record, field))
    const message = `${target}/${refId} cannot be deleted: ${collection}/${row.id}.${field} refers to it.`
    throw new RefIntegrityError({ collection, id: row.id, field, refTo: target, refId, message })
  }
}

/** Rows that would still point at one of `ids` after this transaction. */
async function* referrers(batch: Batch, collection: string, field: string, ids: ReadonlySet<string>) {
  const pointsThere = (record: unknown): boolean => {
    const value = readPath(record, field)
    return (typeof value === 'string' || typeof value === 'number') && ids.has(String(value))
  }
  const slices = new Slices()
  const found: Pick<Row, 'id' | 'record'>[] = []
  for await (const row of batch.core.stateOf(collection).rows.scan()) {
    if (batch.staged(collection, row.id) === undefined && pointsThere(row.record)) found.push(row)
    if (slices.due()) await slices.pause()
  }
  for (const write of batch.writes.values()) {
    if (write.op === 'put' && write.collection === collection && pointsThere(write.record)) found.push(write)
  }
  yield* found // collected first: the caller stages more writes while it reads
}

function dangling(write: StagedPut, field: string, refTo: string, refId: string | null): RefIntegrityError {
  const { collection, id } = write
  const message = `${collection}/${id}.${field} refers to ${refTo}/${refId ?? '(no id)'}, which does not exist.`
  return new RefIntegrityError({ collection, id, field, refTo, refId, message })
}
