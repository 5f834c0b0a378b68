/** What the console reads of the engine's own books: the import journal and the index of conflicts. */
import { type ConflictSummary, type ImportJournalRow, listImports } from '@klum-db/lobby'
import type { Open } from './session.ts'

/** Newest first. */
export function importJournal(open: Open): Promise<ImportJournalRow[]> {
  return listImports(open.db)
}

/** Metadata of every conflict, decided ones included; no body is decrypted. */
export function conflictIndex({ state }: Open): Promise<ConflictSummary[]> {
  return state.vault.collection<ConflictSummary>('conflictIndex').list()
}

export async function countOpenConflicts(open: Open): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const { vault, status } of await conflictIndex(open)) {
    if (status === 'open') counts.set(vault, (counts.get(vault) ?? 0) + 1)
  }
  return counts
}

/** Open conflicts of one collection: record id -> conflict id. */
export async function openConflictsOf(
  open: Open,
  vault: string,
  collection: string,
): Promise<Map<string, string>> {
  const found = (await conflictIndex(open)).filter(
    (row) => row.status === 'open' && row.vault === vault && row.collection === collection,
  )
  return new Map(found.map((row) => [row.recordId, row.conflictId]))
}
