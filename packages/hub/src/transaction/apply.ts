/** After the store has taken a transaction: caches first, then events. */
import { tombstoneKey } from '../collection/tombstones.ts'
import { rowOf } from '../collection/row.ts'
import type { CollectionState } from '../vault/vault-core.ts'
import type { PlannedRow } from './plan.ts'
import type { SealedPlan, SealedRow } from './seal-plan.ts'
import { Slices } from './slices.ts'

/** In one turn, however many rows: no reader sees a part of a transaction. */
export async function applySealed({ plan, writes, sidecars, indexes }: SealedPlan): Promise<void> {
  const { core } = plan.batch
  for (const { row, envelope } of writes) {
    row.state.rows.apply(row.id, envelope === null ? null : rowOf(row.id, row.value, envelope))
  }
  core.audit.entryWritten()
  indexes.written()
  const tombstones = new Map<string, number>()
  for (const sealed of writes) noteTombstone(tombstones, sealed)
  for (const sealed of sidecars) noteTombstone(tombstones, sealed)
  await core.tombstones.apply(tombstones)
}

function noteTombstone(tombstones: Map<string, number>, { row, envelope }: SealedRow): void {
  const version = tombstoneAfter(row, envelope !== null)
  if (version !== null) tombstones.set(tombstoneKey(row.collection, row.id), version)
}

/** Null = as it was. */
function tombstoneAfter({ current, tombstone, version }: PlannedRow, isPut: boolean): number | null {
  if (!isPut) return current > 0 ? version : null
  return current === 0 && tombstone > 0 ? 0 : null
}

/** One `change` for each record, in the order of the writes; queries hear once for each collection. */
export async function emitChanges({ plan, writes }: SealedPlan): Promise<void> {
  const { name: vault, session } = plan.batch.core
  const touched = new Set<CollectionState>()
  const slices = new Slices()
  for (const { row } of writes) {
    touched.add(row.state)
    session.emitter.emit('change', { vault, collection: row.collection, id: row.id, action: row.write.op })
    if (slices.due()) await slices.pause()
  }
  for (const { rows } of touched) rows.changed()
}
