/** Every stored row of a vault under the keys that replace its own: same place, version and time. */
import type { KeyObject } from 'node:crypto'
import type { AuditedRow } from '../audit/audit-log.ts'
import { TamperedError } from '../errors.ts'
import { HISTORY } from '../history/history-id.ts'
import { Slices } from '../transaction/slices.ts'
import { readPages, type StoredRow } from '../transaction/store-write.ts'
import type { LongWork } from '../types/collection.ts'
import type { EncryptedEnvelope, TxOp, TxWriteOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { storedCollections, storedReserved } from '../vault/stored-names.ts'
import { placeOf, type RowPlace } from './row-place.ts'

export interface KeyChange {
  readonly from: KeyObject
  readonly to: KeyObject
}

/** By collection, and `UNDER_VAULT_KEY`. */
export type KeyChanges = ReadonlyMap<string, KeyChange>

export interface Resealed {
  readonly ops: TxWriteOp[]
  /** Records and their kept versions, for the audit trail. */
  readonly records: AuditedRow[]
}

/** Progress counts rows looked at; the total is 0 on a store that cannot count. */
export async function resealRows(core: VaultCore, changes: KeyChanges, work: LongWork): Promise<Resealed> {
  const { store, name } = core
  const slices = new Slices(work, (await store.stats?.(name))?.records ?? 0)
  const resealed: Resealed = { ops: [], records: [] }
  let done = 0
  for (const collection of await collectionsOf(core)) {
    for await (const page of readPages(store, name, collection)) {
      for (const row of page) {
        resealRow(core, changes, collection, row, resealed)
        done += 1
        if (slices.due()) await slices.pause(done)
      }
    }
  }
  return resealed
}

/** An operation on a row that is about to be written, under the new keys as well. */
export function resealOp(core: VaultCore, changes: KeyChanges, op: TxOp): TxWriteOp {
  if (op.op !== 'put' && op.op !== 'delete') throw new TypeError(`A ${op.op} has no envelope to seal.`)
  if (op.op === 'delete' || op.envelope === undefined) return op
  const place = placeOf(op.collection, op.id)
  const envelope = place === null ? null : resealed(core, changes, place, op.envelope)
  return envelope === null ? op : { ...op, envelope }
}

async function collectionsOf({ store, name }: VaultCore): Promise<string[]> {
  return [...(await storedCollections(store, name)), ...(await storedReserved(store, name)), '_tx']
}

function resealRow(
  core: VaultCore,
  changes: KeyChanges,
  collection: string,
  { id, envelope: before }: StoredRow,
  { ops, records }: Resealed,
): void {
  const place = placeOf(collection, id)
  const envelope = place === null ? null : resealed(core, changes, place, before)
  if (place === null || envelope === null) return
  const expectedVersion = before._v
  ops.push({ vault: core.name, collection, id, op: 'put', envelope, expectedVersion })
  if (collection === HISTORY || !collection.startsWith('_'))
    records.push({ row: { collection: place.collection, id: place.id, current: before._v }, envelope })
}

/** Null where the key stays, and for a row that does not open: it is no more readable than it was. */
function resealed(
  core: VaultCore,
  changes: KeyChanges,
  place: RowPlace,
  envelope: EncryptedEnvelope,
): EncryptedEnvelope | null {
  const change = changes.get(place.keyCollection)
  if (change === undefined) return null
  try {
    return core.keys.codec.reseal(change.from, change.to, place, envelope)
  } catch (error) {
    if (error instanceof TamperedError) return null
    throw error
  }
}
