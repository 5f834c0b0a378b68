/** The receiver as it is at the moment of applying: every record the plan looked at, its base, its queue row. */
import type { RecordEntry, SidecarRow, VaultApi } from '@noy-db/hub'
import { readBases, type BaseSlot } from '../exchange/bases.ts'
import type { Pace } from '../pace.ts'
import { CONFLICTS } from '../queue/conflict-row.ts'
import type { ConflictRow } from '../queue/types.ts'
import { readMany } from '../sidecar-rows.ts'
import type { Body, ImportPlan, ImportRow, RowRef } from './types.ts'
import { groupBy } from '../group-by.ts'

export interface CurrentRow {
  readonly ref: RowRef
  readonly expected: number
  readonly entry: RecordEntry<Body> | null
  /** Null without a party. */
  readonly base: BaseSlot | null
  /** Undefined for an `equal` row. */
  readonly row: ImportRow | undefined
  readonly conflict: SidecarRow<ConflictRow> | null
}

/** In the order of writing; `equal` rows of a collection follow its others. */
export async function readCurrentRows(
  vault: VaultApi,
  plan: ImportPlan,
  party: string | null,
  slices: Pace,
): Promise<CurrentRow[]> {
  const rows = plan.rows.filter((row) => row.vault === vault.name)
  const byCollection = groupBy(rows, ({ collection }) => collection)
  const versions = new Map(Object.entries(plan.expectedVersions[vault.name] ?? {}))
  const names = new Set([...byCollection.keys(), ...versions.keys()])
  const current: CurrentRow[] = []
  for (const name of names) {
    const expected = new Map(Object.entries(versions.get(name) ?? {}))
    current.push(
      ...(await readCollection(vault, name, { rows: byCollection.get(name) ?? [], expected, party }, slices)),
    )
  }
  return current
}

interface CollectionPlan {
  readonly rows: readonly ImportRow[]
  readonly expected: ReadonlyMap<string, number>
  readonly party: string | null
}

async function readCollection(
  vault: VaultApi,
  name: string,
  { rows, expected, party }: CollectionPlan,
  slices: Pace,
): Promise<CurrentRow[]> {
  const collection = vault.collection<Body>(name)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const ids = [...byId.keys(), ...[...expected.keys()].filter((id) => !byId.has(id))]
  const bases = await readBases(vault, { party, collection: name, ids }, slices)
  const conflicts = await readConflicts(vault, rows, slices)
  const current: CurrentRow[] = []
  for (const [at, id] of ids.entries()) {
    await slices.step()
    const row = byId.get(id)
    const conflict = conflicts.get(row?.conflictId ?? '') ?? null
    const entry = await collection.entry(id)
    const ref = { vault: vault.name, collection: name, id }
    current.push({ ref, expected: expected.get(id) ?? 0, entry, base: bases[at] ?? null, row, conflict })
  }
  return current
}

async function readConflicts(
  vault: VaultApi,
  rows: readonly ImportRow[],
  slices: Pace,
): Promise<Map<string, SidecarRow<ConflictRow>>> {
  const keys = rows.flatMap(({ collection, conflictId }) =>
    conflictId === undefined ? [] : [{ collection, key: conflictId }],
  )
  const stored = await readMany(vault.sidecar<ConflictRow>(CONFLICTS), keys, slices)
  return new Map(stored.flatMap((found) => (found === null ? [] : [[found.row.conflictId, found] as const])))
}

export function hasMoved({ entry, expected }: CurrentRow): boolean {
  return (entry?.metadata.version ?? 0) !== expected
}
