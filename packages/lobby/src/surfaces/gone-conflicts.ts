/** Records the other party does not have any more: never deleted here by themselves, but put before a person. */
import type { SidecarRow, Transaction, VaultApi } from '@noy-db/hub'
import { chainOf, readBases } from '../exchange/bases.ts'
import { ancestorOf } from '../exchange/exchanged.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import { overlay } from '../import/row-shape.ts'
import type { Body } from '../import/types.ts'
import { topLevelChanges } from '../interchange/field-changes.ts'
import { pace } from '../pace.ts'
import { conflictIdOf, queueKey } from '../queue/conflict-id.ts'
import { CONFLICTS, conflictKey, putConflict } from '../queue/conflict-row.ts'
import type { ConflictRow } from '../queue/types.ts'
import type { State } from '../state.ts'
import type { GoneIds } from './exchange-entry.ts'
import { fieldsIn } from './terms.ts'

export interface GoneNote {
  readonly surface: SurfaceRow
  readonly party: string
  /** ISO-8601. */
  readonly at: string
  readonly exchangeId: string
}

export interface GoneConflicts {
  /** Records that a person will be asked about. */
  readonly count: number
  readonly stage: (tx: Transaction, importId: string) => void
}

/** Reads what is here; stages a row for each record that still is. What was decided or is open already stays as it is. */
export async function goneConflicts(
  receiver: VaultApi,
  state: State,
  gone: GoneIds,
  note: GoneNote,
): Promise<GoneConflicts> {
  const rows: ConflictRow[] = []
  for (const [collection, ids] of Object.entries(gone)) {
    rows.push(...(await conflictsOf(receiver, state, { collection, ids }, note)))
  }
  const stored = await receiver.sidecar<ConflictRow>(CONFLICTS).getMany(rows.map(conflictKey))
  const fresh = rows.flatMap((row, at) =>
    isNew(stored[at]) ? [{ row, version: stored[at]?.version ?? 0 }] : [],
  )
  return {
    count: fresh.length,
    stage: (tx, importId) => {
      for (const { row, version } of fresh) putConflict(tx, state, receiver, { ...row, importId }, version)
    },
  }
}

/** Recalled with its import: then it is asked again. */
function isNew(stored: SidecarRow<ConflictRow> | null | undefined): boolean {
  return stored === null || stored === undefined || stored.row.status === 'recalled'
}

async function conflictsOf(
  receiver: VaultApi,
  state: State,
  { collection, ids }: { collection: string; ids: readonly string[] },
  note: GoneNote,
): Promise<ConflictRow[]> {
  const key = await queueKey(state)
  const records = receiver.collection<Body>(collection)
  const bases = await readBases(receiver, { party: note.party, collection, ids }, pace(undefined))
  const fields = fieldsIn(note.surface, collection)
  const rows: ConflictRow[] = []
  for (const [at, id] of ids.entries()) {
    const entry = await records.entry(id)
    if (entry === null) continue
    const { record: ours, metadata } = entry
    const ancestor = ancestorOf(chainOf(bases[at]?.row), null)
    const sent = ancestor?.body ?? null
    const base = sent === null ? null : overlay(ours, sent, fields)
    const { sourceTs, timestamp, by = null, version } = metadata
    rows.push({
      vault: receiver.name,
      collection,
      conflictId: conflictIdOf(key, collection, id, { base, ours, theirs: null }),
      recordId: id,
      kind: 'deleted-there',
      base,
      ours,
      theirs: null,
      oursOrigin: { by, at: sourceTs ?? timestamp, version },
      theirsOrigin: { by: note.party, at: note.at, version: 0 },
      baseOrigin: ancestor === null ? null : { exchangeId: ancestor.exchangeId, at: ancestor.at },
      importId: '',
      party: note.party,
      fields: base === null ? Object.keys(ours) : topLevelChanges(base, ours),
      queuedAt: note.at,
      status: 'open',
      ...(fields !== undefined && { slice: fields }),
    })
  }
  return rows
}
