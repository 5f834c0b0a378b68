/** Plans the records of one vault: reads only what arrives, writes nothing. */
import type { VaultApi } from '@noy-db/hub'
import { BundleInvalidError } from '../errors.ts'
import { chainOf, readBases } from '../exchange/bases.ts'
import { NO_NOTES, type CompartmentNotes } from '../exchange/compartment-notes.ts'
import { takenWithout } from '../exchange/exchanged.ts'
import { groupBy } from '../group-by.ts'
import type { Pace } from '../pace.ts'
import { CONFLICTS } from '../queue/conflict-row.ts'
import type { ConflictRow } from '../queue/types.ts'
import { readMany } from '../sidecar-rows.ts'
import { planRow, type Arriving } from './plan-row.ts'
import type { Body, RowOutcome } from './types.ts'
import type { PlannedRow, VaultMerge } from './vault-merge.ts'

/** In bundle order, deletions of a collection after its records; references and the order of writing are the caller's. */
export async function planRows(merge: VaultMerge, slices: Pace): Promise<PlannedRow[]> {
  const planned: PlannedRow[] = []
  const arriving = arrivingRows(merge)
  const total = [...arriving.values()].reduce((sum, rows) => sum + rows.length, 0)
  const { taken = null, notes = NO_NOTES } = merge
  const unsettled = new Set(notes.unsettled.map(rowKey))
  const leftOut = leftOutBy(notes.leftOut)
  for (const [name, rows] of arriving) {
    assertCollection(name, rows)
    const ids = rows.map(({ id }) => id)
    const collection = merge.vault.collection<Body>(name)
    const [bases] = await Promise.all([
      readBases(merge.vault, { party: merge.party, collection: name, ids }, slices),
      // The first look at a collection reads it whole; the store serves both at once.
      ...ids.slice(0, 1).map((id) => collection.entry(id)),
    ])
    for (const [at, row] of rows.entries()) {
      await slices.step(planned.length, total)
      const key = rowKey({ collection: name, id: row.id })
      const known = {
        chain: chainOf(bases[at]?.row),
        taken: takenWithout(taken, leftOut.get(key)),
        unsettled: unsettled.has(key),
      }
      planned.push(await planRow(merge, collection, row, known))
    }
  }
  return leaveDecided(merge.vault, planned, slices)
}

function rowKey({ collection, id }: { readonly collection: string; readonly id: string }): string {
  return `${collection}/${id}`
}

/** Ids of messages by record, `<collection>/<id>`. */
export function leftOutBy(leftOut: CompartmentNotes['leftOut']): Map<string, string[]> {
  const groups = groupBy(leftOut, rowKey)
  return new Map([...groups].map(([key, rows]) => [key, rows.map(({ exchangeId }) => exchangeId)]))
}

function arrivingRows({ incoming, notes = NO_NOTES }: VaultMerge): Map<string, Arriving[]> {
  const rows = new Map<string, Arriving[]>(Object.entries(incoming).map(([name, all]) => [name, [...all]]))
  for (const { collection, id, at } of notes.deleted) {
    const deleted = { id, record: null, ts: at, version: 0 }
    const all = rows.get(collection)
    if (all === undefined) rows.set(collection, [deleted])
    else all.push(deleted)
  }
  return rows
}

function assertCollection(name: string, rows: readonly Arriving[]): void {
  if (name.startsWith('_')) throw new BundleInvalidError(`The bundle brings the reserved collection ${name}.`)
  if (new Set(rows.map(({ id }) => id)).size !== rows.length) {
    throw new BundleInvalidError(`The bundle brings a record of ${name} twice.`)
  }
}

/** A conflict of the same three bodies that was decided before is not asked again: what is here stands. */
export async function leaveDecided(
  vault: VaultApi,
  rows: readonly PlannedRow[],
  slices: Pace,
): Promise<PlannedRow[]> {
  const queued = rows.flatMap(({ collection, conflictId }) =>
    conflictId === undefined ? [] : [{ collection, key: conflictId }],
  )
  if (queued.length === 0) return [...rows]
  const stored = await readMany(vault.sidecar<ConflictRow>(CONFLICTS), queued, slices)
  const settled = new Set(
    stored.flatMap((found) => (found !== null && isSettled(found.row) ? [found.row.conflictId] : [])),
  )
  return rows.map((row) => {
    if (row.conflictId === undefined || !settled.has(row.conflictId)) return row
    const { conflictId: _settled, kind: _kind, overlaps: _overlaps, duplicateOf: _same, ...kept } = row
    return { ...kept, outcome: 'keep' satisfies RowOutcome }
  })
}

function isSettled({ status }: ConflictRow): boolean {
  return status === 'decided' || status === 'closed'
}
