/** After the store has taken a transaction: caches first, then events. */
import { tombstoneKey, type Tombstones } from '../collection/tombstones.ts'
import { rowOf } from '../collection/row.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { PlannedRow, PlannedWrite } from './plan.ts'
import type { SealedPlan, SealedRow } from './seal-plan.ts'
import { eachInSlices, Slices } from './slices.ts'

/** In one turn, however many rows: no reader sees a part of a transaction. */
export function applySealed({ plan, writes, sidecars, indexes }: SealedPlan): void {
  const { core } = plan.batch
  for (const { row, envelope } of writes) {
    row.state.rows.apply(row.id, envelope === null ? null : rowOf(row.id, row.value, envelope))
  }
  core.audit.entryWritten()
  indexes.written()
  for (const sealed of writes) noteTombstone(core.tombstones, sealed)
  for (const sealed of sidecars) noteTombstone(core.tombstones, sealed)
}

function noteTombstone(tombstones: Tombstones, { row, envelope }: SealedRow): void {
  const version = tombstoneAfter(row, envelope !== null)
  if (version !== null) tombstones.note(tombstoneKey(row.collection, row.id), version)
}

/** Null = as it was. */
function tombstoneAfter({ current, tombstone, version }: PlannedRow, isPut: boolean): number | null {
  if (!isPut) return current > 0 ? version : null
  return current === 0 && tombstone > 0 ? 0 : null
}

/** One `change` for each record, in the order of the writes; queries hear once for each collection. */
export function emitChanges({ plan, writes }: SealedPlan): Promise<void> | undefined {
  const { core } = plan.batch
  const tellQueries = (): void => {
    for (const collection of plan.batch.byCollection().keys()) core.stateOf(collection).rows.changed()
  }
  const emitting = eachInSlices(writes, new Slices(), ({ row }) => emitChange(core, row))
  if (emitting !== undefined) return emitting.then(tellQueries)
  tellQueries()
  return undefined
}

function emitChange({ name: vault, session }: VaultCore, { collection, id, write }: PlannedWrite): void {
  session.emitter.emit('change', { vault, collection, id, action: write.op })
}
