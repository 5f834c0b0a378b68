/** Plans the records of one vault: reads only what arrives, writes nothing. */
import type { KeyObject } from 'node:crypto'
import type { CollectionApi, DecryptedRecord, RecordEntry, VaultApi } from '@noy-db/hub'
import { BundleInvalidError } from '../errors.ts'
import { readBases, type BaseRow } from '../exchange/bases.ts'
import { resolveRecord, type MergeSides, type Resolved } from '../interchange/resolve-record.ts'
import { strategyFor } from '../interchange/strategy.ts'
import type { FieldAuthorityInputs, FieldAuthorityPolicy, StrategyOption } from '../interchange/types.ts'
import type { Pace } from '../pace.ts'
import { conflictIdOf } from '../queue/conflict-id.ts'
import { CONFLICTS } from '../queue/conflict-row.ts'
import type { ConflictRow } from '../queue/types.ts'
import { readMany } from '../sidecar-rows.ts'
import type { NaturalKey } from './possible-duplicates.ts'
import { alignId, overlay, shapeBody } from './row-shape.ts'
import type { Body, ImportRow, Projection, RowOutcome } from './types.ts'

export type Incoming = Readonly<Record<string, readonly DecryptedRecord[]>>

export interface VaultMerge {
  readonly vault: VaultApi
  readonly incoming: Incoming
  readonly strategy: StrategyOption
  readonly fieldAuthority?: Record<string, FieldAuthorityPolicy>
  readonly party: string | null
  readonly projection?: Projection
  readonly queueKey: KeyObject
  /** By collection: what tells documents apart. Without it, every new id is a new document. */
  readonly naturalKeys?: Readonly<Record<string, NaturalKey>>
}

export interface PlannedRow extends ImportRow {
  /** Version here, 0 when absent. */
  readonly version: number
}

/** In bundle order; references are checked, and the order of writing found, by the caller. */
export async function planRows(merge: VaultMerge, slices: Pace): Promise<PlannedRow[]> {
  const planned: PlannedRow[] = []
  const total = Object.values(merge.incoming).reduce((sum, rows) => sum + rows.length, 0)
  for (const [name, rows] of Object.entries(merge.incoming)) {
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
      planned.push(await planRow(merge, collection, row, bases[at]?.row ?? null))
    }
  }
  return leaveDecided(merge.vault, planned, slices)
}

function assertCollection(name: string, rows: readonly DecryptedRecord[]): void {
  if (name.startsWith('_')) throw new BundleInvalidError(`The bundle brings the reserved collection ${name}.`)
  if (new Set(rows.map(({ id }) => id)).size !== rows.length) {
    throw new BundleInvalidError(`The bundle brings a record of ${name} twice.`)
  }
}

async function planRow(
  merge: VaultMerge,
  collection: CollectionApi<Body>,
  row: DecryptedRecord,
  baseRow: BaseRow | null,
): Promise<PlannedRow> {
  const fields = fieldsOf(merge.projection, collection.name)
  const entry = await collection.entry(row.id)
  const ours = entry?.record ?? null
  const arrived = overlay(ours, alignId(row.record, row.id, ours), fields)
  const theirs = await shapeBody(collection, row.id, arrived)
  const base = baseRow === null ? null : overlay(ours, alignId(baseRow.body, row.id, ours), fields)
  const sides = sidesOf(merge, collection.name, { row, entry, theirs: theirs.body, base, baseRow })
  const resolved = resolveRecord(sides)
  const common = {
    vault: merge.vault.name,
    collection: collection.name,
    id: row.id,
    fields: resolved.fields,
    incoming: theirs.body,
    base,
    incomingTs: row.ts,
    incomingVersion: row.version,
    version: entry?.metadata.version ?? 0,
    ...(row.source !== undefined && { source: row.source }),
    ...(row.sourceTs !== undefined && { sourceTs: row.sourceTs }),
  }
  const refused = resolved.outcome === 'keep' || resolved.outcome === 'equal' ? undefined : theirs.fault
  // What field authority takes of a body the schema refuses may still be fine; the result is validated below.
  if (refused !== undefined && resolved.outcome !== 'merge') {
    return { ...common, outcome: 'refuse', fault: refused }
  }
  return finish(merge, collection, common, resolved, ours)
}

type CommonRow = Omit<PlannedRow, 'outcome'>

async function finish(
  merge: VaultMerge,
  collection: CollectionApi<Body>,
  common: CommonRow,
  resolved: Resolved,
  ours: Body | null,
): Promise<PlannedRow> {
  const { outcome, decisions, kind, overlaps } = resolved
  const row = { ...common, outcome, ...(decisions !== undefined && { decisions }) }
  if (outcome === 'queue') {
    const bodies = { base: common.base, ours, theirs: common.incoming }
    const conflictId = conflictIdOf(merge.queueKey, common.collection, common.id, bodies)
    return {
      ...row,
      conflictId,
      ...(kind !== undefined && { kind }),
      ...(overlaps !== undefined && { overlaps }),
    }
  }
  if (resolved.result === undefined) return row
  const result = await shapeBody(collection, common.id, resolved.result)
  if (result.fault !== undefined) return { ...common, outcome: 'refuse', fault: result.fault }
  return { ...row, result: result.body }
}

export function fieldsOf(
  projection: Projection | undefined,
  collection: string,
): readonly string[] | undefined {
  return projection !== undefined && Object.hasOwn(projection, collection)
    ? projection[collection]
    : undefined
}

interface Found {
  readonly row: DecryptedRecord
  readonly entry: RecordEntry<Body> | null
  readonly theirs: Body
  readonly base: Body | null
  readonly baseRow: BaseRow | null
}

function sidesOf(merge: VaultMerge, collection: string, found: Found): MergeSides {
  const { row, entry, theirs, base } = found
  const policies = merge.fieldAuthority
  const policy =
    policies !== undefined && Object.hasOwn(policies, collection) ? policies[collection] : undefined
  const oursTime = localTime(found)
  return {
    collection,
    strategy: strategyFor(merge.strategy, collection),
    ours: entry?.record ?? null,
    theirs,
    base,
    theirsTime: row.sourceTs ?? row.ts,
    ...(oursTime !== undefined && { oursTime }),
    ...(policy !== undefined && { policy }),
    provenance: provenanceOf(row, entry),
  }
}

/**
 * A record that nobody touched since it came from this sender is as old as what came, not as old as its arrival:
 * otherwise an edit the sender made between the two would lose to its own earlier state.
 */
function localTime({ entry, baseRow }: Found): string | undefined {
  if (entry === null) return undefined
  const { sourceTs, timestamp, version } = entry.metadata
  const untouched = baseRow?.direction === 'received' && baseRow.version === version
  return sourceTs ?? (untouched ? baseRow.originTime : undefined) ?? timestamp
}

function provenanceOf(row: DecryptedRecord, entry: RecordEntry<Body> | null): FieldAuthorityInputs {
  const local = entry?.metadata
  return {
    ...(row.source !== undefined && { incomingSource: row.source }),
    ...(row.sourceTs !== undefined && { incomingSourceTs: row.sourceTs }),
    ...(local?.source !== undefined && { localSource: local.source }),
    ...(local?.sourceTs !== undefined && { localSourceTs: local.sourceTs }),
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
