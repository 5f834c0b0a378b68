/** After the store has taken a transaction: caches first, then events. */
import { tombstoneKey } from '../collection/tombstones.ts'
import { clearOf } from '../collection/row.ts'
import type { CollectionState, VaultCore } from '../vault/vault-core.ts'
import type { PlannedRow } from './plan.ts'
import type { SealedPlan, SealedRow } from './seal-plan.ts'
import { Slices } from './slices.ts'

export async function applySealed({ plan, writes, sidecars }: SealedPlan): Promise<void> {
  const { core } = plan.batch
  for (const { row, envelope } of writes) {
    const fresh = envelope === null ? null : { id: row.id, record: row.value, ...clearOf(envelope) }
    row.state.rows.apply(row.id, fresh)
  }
  core.audit.entryWritten()
  for (const sealed of [...writes, ...sidecars]) await applyTombstone(core, sealed)
}

async function applyTombstone(core: VaultCore, { row, envelope }: SealedRow): Promise<void> {
  const version = tombstoneAfter(row, envelope !== null)
  if (version !== null) await core.tombstones.apply(tombstoneKey(row.collection, row.id), version)
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
