/** What an undo would do to each record of an import in one vault, judged on the vault as it is now. */
import type { RecordEntry, SidecarRow, VaultApi } from '@noy-db/hub'
import { hashJson } from '../canonical-json.ts'
import { baseRow, chainOf, readBases, type BaseRow } from '../exchange/bases.ts'
import { receivedIn, withoutReceipt } from '../exchange/exchanged.ts'
import type { Pace } from '../pace.ts'
import { CONFLICTS } from '../queue/conflict-row.ts'
import { isBody } from '../queue/earlier-record.ts'
import type { ConflictRow, EarlierRecord } from '../queue/types.ts'
import { readMany } from '../sidecar-rows.ts'
import type { Body, RowRef } from './types.ts'
import {
  readChunks,
  readVaultImport,
  type UndoChunk,
  type UndoEntry,
  type VaultImportRow,
} from './undo-record.ts'

export interface Review {
  readonly ref: RowRef
  /** Of the record now; 0 = absent. */
  readonly version: number
  readonly record?: { readonly do: 'restore' | 'remove'; readonly earlier: EarlierRecord | null }
  readonly conflict?: {
    readonly do: 'withdraw' | 'recall'
    readonly row: ConflictRow
    readonly version: number
  }
  readonly base?: { readonly now: BaseRow; readonly before: BaseRow | null }
  /** Why the record is left as it is. */
  readonly refused?: string
}

export interface VaultReview {
  readonly vault: VaultApi
  readonly summary: VaultImportRow | null
  /** In the order the import wrote. */
  readonly reviews: readonly Review[]
}

export async function reviewVault(vault: VaultApi, importId: string, slices: Pace): Promise<VaultReview> {
  const summary = await readVaultImport(vault, importId)
  if (summary === null) return { vault, summary, reviews: [] }
  const reviews: Review[] = []
  for (const chunk of await readChunks(vault, summary, slices)) {
    reviews.push(...(await reviewChunk(vault, chunk, summary, slices)))
  }
  return { vault, summary, reviews }
}

async function reviewChunk(
  vault: VaultApi,
  { collection: name, entries }: UndoChunk,
  summary: VaultImportRow,
  slices: Pace,
): Promise<Review[]> {
  const ids = entries.map(({ id }) => id)
  const bases = await readBases(vault, { party: summary.party, collection: name, ids }, slices)
  const conflicts = await readConflicts(vault, name, entries, slices)
  const collection = vault.collection<Body>(name)
  const reviews: Review[] = []
  for (const [at, entry] of entries.entries()) {
    await slices.step()
    const now = await collection.entry(entry.id)
    const conflict = conflicts.get(entry.conflictId ?? '')
    const ref = { vault: vault.name, collection: name, id: entry.id }
    reviews.push({
      ref,
      version: now?.metadata.version ?? 0,
      ...judge(entry, summary, { now, conflict, base: bases[at]?.row }),
    })
  }
  return reviews
}

async function readConflicts(
  vault: VaultApi,
  collection: string,
  entries: readonly UndoEntry[],
  slices: Pace,
): Promise<Map<string, SidecarRow<ConflictRow>>> {
  const keys = entries.flatMap(({ conflictId }) =>
    conflictId === undefined ? [] : [{ collection, key: conflictId }],
  )
  const stored = await readMany(vault.sidecar<ConflictRow>(CONFLICTS), keys, slices)
  return new Map(stored.flatMap((found) => (found === null ? [] : [[found.row.conflictId, found] as const])))
}

interface Now {
  readonly now: RecordEntry<Body> | null
  readonly conflict: SidecarRow<ConflictRow> | undefined
  readonly base: BaseRow | null | undefined
}

type Verdict = Pick<Review, 'record' | 'conflict' | 'base' | 'refused'>

function judge(entry: UndoEntry, summary: VaultImportRow, now: Now): Verdict {
  const verdict = entry.conflictId === undefined ? judgeRecord(entry, now) : judgeConflict(summary, now)
  // A record that keeps what came with the import keeps its base: coming again, it finds nothing changed.
  if (verdict.refused !== undefined) return verdict
  return { ...verdict, ...judgeBase(entry, summary, now) }
}

function judgeRecord({ before, afterHash }: UndoEntry, { now }: Now): Verdict {
  if (before === undefined) return {}
  if (now === null && before === null) return {}
  if (now !== null && isBody(now, before?.record ?? null)) return {}
  if (afterHash === undefined && now === null) return { record: { do: 'restore', earlier: before } }
  if (now === null) return { refused: 'It was deleted since the import.' }
  if (hashJson(now.record) !== afterHash) return { refused: 'It was changed since the import.' }
  return { record: { do: before === null ? 'remove' : 'restore', earlier: before } }
}

/** A queued record was not written by the import; a decision on it may have been. */
function judgeConflict({ importId }: VaultImportRow, { now, conflict }: Now): Verdict {
  if (conflict?.row.importId !== importId) return {}
  const { row, version } = conflict
  if (row.status === 'recalled') return {}
  if (row.status === 'open') return { conflict: { do: 'withdraw', row, version } }
  const { decision } = row
  if (decision?.before === undefined) return { conflict: { do: 'recall', row, version } }
  if (!isBody(now, decision.result)) return { refused: 'It was changed since its conflict was decided.' }
  const record = {
    do: decision.before === null ? ('remove' as const) : ('restore' as const),
    earlier: decision.before,
  }
  return { conflict: { do: 'recall', row, version }, record }
}

/** Only a base this import was the last to move goes back; what was sent since stays with it. */
function judgeBase(
  { baseBefore }: UndoEntry,
  { exchangeId, appliedAt }: VaultImportRow,
  { base }: Now,
): Verdict {
  if (baseBefore === undefined || base === null || base === undefined) return {}
  const last = receivedIn(chainOf(base))
  if (last?.exchangeId !== exchangeId || last.at !== appliedAt) return {}
  const { party, recordId } = base
  const before = baseRow(party, recordId, withoutReceipt(chainOf(baseBefore), chainOf(base)))
  return { base: { now: base, before } }
}
