/** Writes an import: every vault, its queue, its bases, the journal and the sender, in one transaction. */
import type { LongWork, NoydbApi, Transaction, VaultApi } from '@noy-db/hub'
import { BASES } from '../exchange/bases.ts'
import type { KnownSender } from '../identity/types.ts'
import { putException } from '../invariants/exceptions.ts'
import { onlySignal, pace, type Pace } from '../pace.ts'
import { putConflict } from '../queue/conflict-row.ts'
import type { State } from '../state.ts'
import type { ImportJournalRow, RowCounts } from './types.ts'
import { chunkKey, IMPORTS, splitIntoChunks, type UndoEntry, type VaultImportRow } from './undo-record.ts'
import type { ImportNote, RecordWrite, RowWrites } from './write-set.ts'
import { groupBy } from '../group-by.ts'

export interface VaultWrites {
  readonly vault: VaultApi
  readonly counts: RowCounts
  readonly rows: readonly RowWrites[]
}

export interface ImportWrites {
  readonly note: ImportNote
  readonly containerSha256: string
  readonly vaults: readonly VaultWrites[]
  /** Null for a merge outside any workspace: no journal, no index. */
  readonly state: State | null
  readonly journal: ImportJournalRow | null
  readonly sender?: { readonly row: KnownSender; readonly expectedVersion: number }
  readonly command: string
  readonly reason: string
  /** Reason of every single record, where the caller gave one. */
  readonly recordReason?: string
}

type Work = LongWork & { readonly alongside?: (tx: Transaction) => void }

export async function writeImport(db: NoydbApi, writes: ImportWrites, work: Work = {}): Promise<void> {
  const { command, reason } = writes
  const { alongside, ...options } = work
  // Progress of an apply counts what is sealed; staging only listens to the signal.
  const steps = async (tx: Transaction): Promise<void> => {
    await stage(tx, writes, pace(onlySignal(work)))
    alongside?.(tx)
  }
  await db.transaction(steps, { ...options, command, reason })
}

async function stage(tx: Transaction, writes: ImportWrites, slices: Pace): Promise<void> {
  const { state, journal, sender } = writes
  for (const one of writes.vaults) {
    for (const row of one.rows) {
      await slices.step()
      stageRow(tx, writes, one.vault, row)
    }
    await stageUndo(tx, writes, one, slices)
  }
  if (state === null) return
  if (journal !== null) tx.put(state.vault, state.journal.name, journal.id, journal, { expectedVersion: 0 })
  if (sender !== undefined) {
    const { row, expectedVersion } = sender
    tx.put(state.vault, state.senders.name, row.party, row, { expectedVersion })
  }
}

function stageRow(tx: Transaction, writes: ImportWrites, vault: VaultApi, row: RowWrites): void {
  const { record, base, conflict } = row
  const reason = writes.recordReason ?? writes.reason
  if (record !== undefined) {
    stageRecord(tx, vault, record, reason)
    const { collection, id } = record
    const place = { collection, id, command: writes.command, origin: writes.note.importId }
    for (const exception of row.exceptions ?? []) putException(tx, vault, { ...place, ...exception })
  }
  if (base !== undefined) tx.putSidecar(vault, BASES, base.key, base.row)
  if (conflict !== undefined) putConflict(tx, writes.state, vault, conflict.row, conflict.expectedVersion)
}

function stageRecord(tx: Transaction, vault: VaultApi, record: RecordWrite, reason: string): void {
  const { collection, id, body, options } = record
  const { expectedVersion } = options
  if (body !== null) tx.put(vault, collection, id, body, { ...options, reason })
  else tx.delete(vault, collection, id, { reason, ...(expectedVersion !== undefined && { expectedVersion }) })
}

async function stageUndo(
  tx: Transaction,
  writes: ImportWrites,
  { vault, rows, counts }: VaultWrites,
  slices: Pace,
): Promise<void> {
  const { importId, party, exchangeId, at } = writes.note
  const chunks: { collection: string; count: number }[] = []
  for (const [collection, group] of groupBy(rows, (row) => row.collection)) {
    const entries: UndoEntry[] = group.flatMap(({ undo }) => (undo === null ? [] : [undo]))
    const split = await splitIntoChunks(importId, collection, entries, slices)
    for (const [index, chunk] of split.entries()) {
      await slices.step()
      tx.putSidecar(vault, IMPORTS, chunkKey(importId, collection, index), chunk)
    }
    if (split.length > 0) chunks.push({ collection, count: split.length })
  }
  const summary: VaultImportRow = {
    importId,
    party,
    exchangeId,
    containerSha256: writes.containerSha256,
    appliedAt: at,
    counts,
    chunks,
    status: 'applied',
  }
  tx.putSidecar(vault, IMPORTS, { key: importId }, summary)
}
