/** Plans one record: what arrives of it, brought to the receiver's shape, against what is here and what was exchanged. */
import type { CollectionApi, RecordEntry } from '@noy-db/hub'
import { jsonEquals } from '@noy-db/hub/kernel'
import {
  ancestorOf,
  isOlder,
  receivedIn,
  type Chain,
  type Exchanged,
  type Taken,
} from '../exchange/exchanged.ts'
import { topLevelChanges } from '../interchange/field-changes.ts'
import { resolveRecord, type MergeSides, type Resolved } from '../interchange/resolve-record.ts'
import { strategyFor, strictnessFor } from '../interchange/strategy.ts'
import type { FieldAuthorityInputs } from '../interchange/types.ts'
import { conflictIdOf } from '../queue/conflict-id.ts'
import { fieldsOf, type PlannedRow, type VaultMerge } from './vault-merge.ts'
import { alignId, overlay, shapeBody, sliceOf } from './row-shape.ts'
import type { Body, RowFault } from './types.ts'

/** An incoming record; null = its deletion. */
export interface Arriving {
  readonly id: string
  readonly record: Body | null
  readonly ts: string
  readonly version: number
  readonly source?: string
  readonly sourceTs?: string
}

interface Found {
  readonly collection: CollectionApi<Body>
  readonly row: Arriving
  readonly chain: Chain
  readonly known: Exchanged | null
  readonly entry: RecordEntry<Body> | null
  readonly theirs: { readonly body: Body | null; readonly fault?: RowFault }
  readonly base: Body | null
}

interface Known {
  readonly chain: Chain
  /** Messages of ours the sender took this record from. */
  readonly taken: Taken
  /** The sender has not decided about it. */
  readonly unsettled: boolean
}

export async function planRow(
  merge: VaultMerge,
  collection: CollectionApi<Body>,
  row: Arriving,
  { chain, taken, unsettled }: Known,
): Promise<PlannedRow> {
  const fields = fieldsOf(merge.projection, collection.name)
  const entry = await collection.entry(row.id)
  const ours = entry?.record ?? null
  const theirs = await shapeArrived(collection, row, ours, fields)
  const known = ancestorOf(chain, taken)
  const base = baseOf(known, chain, { id: row.id, ours, theirs: theirs.body, fields })
  const found = { collection, row, chain, known, entry, theirs, base }
  const sides = sidesOf(merge, found)
  if (isKnownDeletion(found)) return { ...commonOf(merge, found, []), outcome: 'keep' }
  const waits = sides.strategy === 'three-way' && (unsettled || isOlder(merge.message, chain))
  if (waits) return { ...commonOf(merge, found, differing(ours, theirs.body)), outcome: 'keep', waits }
  return finish(merge, found, resolveRecord(sides))
}

/** Told again until the sender knows that it arrived. */
function isKnownDeletion({ known, entry, theirs }: Found): boolean {
  return entry !== null && theirs.body === null && known?.direction === 'received' && known.body === null
}

function differing(ours: Body | null, theirs: Body | null): string[] {
  return ours === null || theirs === null ? [] : topLevelChanges(ours, theirs)
}

async function shapeArrived(
  collection: CollectionApi<Body>,
  { id, record }: Arriving,
  ours: Body | null,
  fields: readonly string[] | undefined,
): Promise<Found['theirs']> {
  if (record === null) return { body: null }
  const aligned = alignId(record, id, ours)
  const arrived = ours === null ? sliceOf(aligned, fields) : overlay(ours, aligned, fields)
  return shapeBody(collection, id, arrived)
}

interface BaseSides {
  readonly id: string
  readonly ours: Body | null
  readonly theirs: Body | null
  readonly fields: readonly string[] | undefined
}

function baseOf(known: Exchanged | null, chain: Chain, { id, ours, theirs, fields }: BaseSides): Body | null {
  // Deleted here, and nobody says which state they had: any that was exchanged is an earlier one, and not a new record.
  const from = known ?? (ours === null ? closest(chain, theirs) : undefined)
  const body = from?.body ?? null
  return body === null ? null : overlay(ours, alignId(body, id, ours), fields)
}

function closest(chain: Chain, theirs: Body | null): Exchanged | undefined {
  const bodies = chain.filter(({ body }) => body !== null)
  return bodies.findLast(({ body }) => jsonEquals(body, theirs)) ?? bodies.at(-1)
}

type CommonRow = Omit<PlannedRow, 'outcome'>

function commonOf(
  merge: VaultMerge,
  { collection, row, entry, theirs, base }: Found,
  fields: readonly string[],
): CommonRow {
  return {
    vault: merge.vault.name,
    collection: collection.name,
    id: row.id,
    fields,
    incoming: theirs.body,
    base,
    incomingTs: row.ts,
    incomingVersion: row.version,
    version: entry?.metadata.version ?? 0,
    ...(row.source !== undefined && { source: row.source }),
    ...(row.sourceTs !== undefined && { sourceTs: row.sourceTs }),
  }
}

async function finish(merge: VaultMerge, found: Found, resolved: Resolved): Promise<PlannedRow> {
  const { outcome, decisions, kind, overlaps } = resolved
  const common = commonOf(merge, found, resolved.fields)
  const fault = outcome === 'keep' || outcome === 'equal' ? undefined : found.theirs.fault
  // What field authority takes of a body the schema refuses may still be fine; the result is validated below.
  if (fault !== undefined && outcome !== 'merge') return { ...common, outcome: 'refuse', fault }
  const row = { ...common, outcome, ...(decisions !== undefined && { decisions }) }
  if (outcome === 'queue') {
    const bodies = { base: common.base, ours: found.entry?.record ?? null, theirs: common.incoming }
    const conflictId = conflictIdOf(merge.queueKey, common.collection, common.id, bodies)
    const asked = { ...(kind !== undefined && { kind }), ...(overlaps !== undefined && { overlaps }) }
    return { ...row, conflictId, ...asked }
  }
  if (resolved.result === undefined) return row
  const result = await shapeBody(found.collection, common.id, resolved.result)
  if (result.fault !== undefined) return { ...common, outcome: 'refuse', fault: result.fault }
  return { ...row, result: result.body }
}

function sidesOf(merge: VaultMerge, found: Found): MergeSides {
  const { collection, row, entry, theirs, base } = found
  const { name } = collection
  const policies = merge.fieldAuthority
  const policy = policies !== undefined && Object.hasOwn(policies, name) ? policies[name] : undefined
  const oursTime = localTime(found)
  return {
    collection: name,
    strategy: strategyFor(merge.strategy, name),
    strictness: strictnessFor(merge.strictness, name),
    narrowed: fieldsOf(merge.projection, name) !== undefined,
    ours: entry?.record ?? null,
    theirs: theirs.body,
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
function localTime({ entry, chain }: Found): string | undefined {
  if (entry === null) return undefined
  const { sourceTs, timestamp, version } = entry.metadata
  const received = receivedIn(chain)
  return sourceTs ?? (received?.version === version ? received.originTime : undefined) ?? timestamp
}

function provenanceOf(row: Arriving, entry: RecordEntry<Body> | null): FieldAuthorityInputs {
  const local = entry?.metadata
  return {
    ...(row.source !== undefined && { incomingSource: row.source }),
    ...(row.sourceTs !== undefined && { incomingSourceTs: row.sourceTs }),
    ...(local?.source !== undefined && { localSource: local.source }),
    ...(local?.sourceTs !== undefined && { localSourceTs: local.sourceTs }),
  }
}
