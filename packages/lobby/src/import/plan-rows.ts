/** Plans the records of one vault: reads only what arrives, writes nothing. */
import type { KeyObject } from 'node:crypto'
import type { DecryptedRecord, VaultApi } from '@noy-db/hub'
import { BundleInvalidError } from '../errors.ts'
import { chainOf, readBases } from '../exchange/bases.ts'
import { NO_NOTES, type CompartmentNotes } from '../exchange/compartment-notes.ts'
import type { MessageNumber, Taken } from '../exchange/exchanged.ts'
import type { FieldAuthorityPolicy, StrategyOption, StrictnessOption } from '../interchange/types.ts'
import type { Pace } from '../pace.ts'
import { CONFLICTS } from '../queue/conflict-row.ts'
import type { ConflictRow } from '../queue/types.ts'
import { readMany } from '../sidecar-rows.ts'
import { planRow, type Arriving } from './plan-row.ts'
import type { NaturalKey } from './possible-duplicates.ts'
import type { Body, ImportRow, Projection, RowOutcome } from './types.ts'

export type Incoming = Readonly<Record<string, readonly DecryptedRecord[]>>

export interface VaultMerge {
  readonly vault: VaultApi
  readonly incoming: Incoming
  readonly strategy: StrategyOption
  readonly strictness?: StrictnessOption
  readonly fieldAuthority?: Record<string, FieldAuthorityPolicy>
  readonly party: string | null
  readonly projection?: Projection
  /** Messages of ours the sender says it took; default: it does not say. */
  readonly taken?: Taken
  /** Place of the message among its sender's. */
  readonly message?: MessageNumber
  readonly notes?: CompartmentNotes
  readonly queueKey: KeyObject
  /** By collection: what tells documents apart. Without it, every new id is a new document. */
  readonly naturalKeys?: Readonly<Record<string, NaturalKey>>
}

export interface PlannedRow extends ImportRow {
  /** Version here, 0 when absent. */
  readonly version: number
}

/** In bundle order, deletions of a collection after its records; references and the order of writing are the caller's. */
export async function planRows(merge: VaultMerge, slices: Pace): Promise<PlannedRow[]> {
  const planned: PlannedRow[] = []
  const arriving = arrivingRows(merge)
  const total = [...arriving.values()].reduce((sum, rows) => sum + rows.length, 0)
  const unsettled = new Set(merge.notes?.unsettled.map(({ collection, id }) => `${collection}/${id}`))
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
      const known = { chain: chainOf(bases[at]?.row), unsettled: unsettled.has(`${name}/${row.id}`) }
      planned.push(await planRow(merge, collection, row, known))
    }
  }
  return leaveDecided(merge.vault, planned, slices)
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

export function fieldsOf(
  projection: Projection | undefined,
  collection: string,
): readonly string[] | undefined {
  return projection !== undefined && Object.hasOwn(projection, collection)
    ? projection[collection]
    : undefined
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
