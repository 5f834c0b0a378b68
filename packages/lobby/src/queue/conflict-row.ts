/** Queue rows: sidecar `_conflicts` in the vault, with a summary in the state vault's index. */
import type { SidecarKey, Transaction, VaultApi } from '@noy-db/hub'
import type { State } from '../state.ts'
import { indexId } from './conflict-id.ts'
import type { ConflictRef, ConflictRow, ConflictSummary } from './types.ts'

export const CONFLICTS = '_conflicts'

export function conflictKey({ collection, conflictId }: ConflictRef): SidecarKey {
  return { collection, key: conflictId }
}

/** Metadata only: no value of a record ever reaches the state vault. */
export function summaryOf(row: ConflictRow): ConflictSummary {
  return {
    vault: row.vault,
    collection: row.collection,
    conflictId: row.conflictId,
    recordId: row.recordId,
    kind: row.kind,
    fields: row.fields,
    queuedAt: row.queuedAt,
    status: row.status,
    importId: row.importId,
    party: row.party,
    ...(row.decision !== undefined && { decidedAt: row.decision.decidedAt, batchId: row.decision.batchId }),
  }
}

/** Row and index together, in the transaction of what caused it. `expectedVersion` 0 = must be new. */
export function putConflict(
  tx: Transaction,
  state: State | null,
  vault: VaultApi,
  row: ConflictRow,
  expectedVersion: number,
): void {
  tx.putSidecar(vault, CONFLICTS, conflictKey(row), row, { expectedVersion })
  if (state !== null) tx.put(state.vault, state.index.name, indexId(row), summaryOf(row))
}
