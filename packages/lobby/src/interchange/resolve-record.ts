/**
 * What one incoming record does to the record here, by strategy: pure, and the code behind docs/merge-rules.md.
 * Bodies are compared as JSON; the incoming one has been validated and stands on the receiver's own shape.
 */
import { FieldAuthorityPolicyMissingError } from '../errors.ts'
import type { Body, RowOutcome } from '../import/types.ts'
import type { ConflictKind } from '../queue/types.ts'
import { fieldChanges, topLevelChanges } from './field-changes.ts'
import { resolveRecordByFieldAuthority } from './field-authority.ts'
import { instantOf } from './instants.ts'
import { jsonEquals } from '@noy-db/hub/kernel'
import { member, withMember } from './record-path.ts'
import { mergeFields, same } from './three-way.ts'
import type { FieldAuthorityInputs, FieldAuthorityPolicy, MergeStrategy, Strictness } from './types.ts'

export interface MergeSides {
  readonly collection: string
  readonly strategy: MergeStrategy
  /** Null when the record is not here. */
  readonly ours: Body | null
  /** Null when the sender deleted it. */
  readonly theirs: Body | null
  /** The last body exchanged with the sender; null where it is not known. */
  readonly base: Body | null
  /** When each side was written at its origin (`sourceTs ?? ts`). */
  readonly oursTime?: string
  readonly theirsTime?: string
  readonly policy?: FieldAuthorityPolicy
  readonly provenance?: FieldAuthorityInputs
  /** Of `three-way`; default `field`. */
  readonly strictness?: Strictness
  /** The sender knows some fields of the record only. */
  readonly narrowed?: boolean
}

type Present = MergeSides & { readonly theirs: Body }

export interface Resolved {
  readonly outcome: Exclude<RowOutcome, 'refuse'>
  /** Top-level fields that differ; empty for an insert. */
  readonly fields: readonly string[]
  /** Of `merge`, and of `queue` never: a record in conflict is not written. */
  readonly result?: Body
  readonly decisions?: Readonly<Record<string, 'incoming' | 'local'>>
  readonly kind?: ConflictKind
  /** Paths a person has to decide, of `queue`. */
  readonly overlaps?: readonly string[]
}

export function resolveRecord(sides: MergeSides): Resolved {
  const { ours, theirs } = sides
  if (theirs === null) return ours === null ? { outcome: 'equal', fields: [] } : resolveDeleted(sides, ours)
  if (ours === null) return resolveAbsent({ ...sides, theirs })
  const fields = topLevelChanges(ours, theirs)
  return fields.length === 0
    ? { outcome: 'equal', fields }
    : resolveChanged({ ...sides, theirs }, ours, fields)
}

/** A record goes by itself only where it is as the sender knew it, whole; whoever edited it is asked. */
function resolveDeleted(sides: MergeSides, ours: Body): Resolved {
  const { strategy, base, strictness, narrowed = false } = sides
  if (strategy === 'keep-local') return { outcome: 'keep', fields: [] }
  const edited = base === null ? Object.keys(ours) : topLevelChanges(base, ours)
  const asks = narrowed || strategy === 'manual-queue' || (strategy === 'three-way' && strictness === 'ask')
  if (base !== null && edited.length === 0 && !asks) return { outcome: 'delete', fields: [] }
  const fields = edited.length === 0 ? Object.keys(ours) : edited
  return { outcome: 'queue', fields, kind: 'deleted-there', overlaps: fields }
}

/** Only three-way knows that a record was here once; for the declared strategies an absent record is a new one. */
function resolveAbsent({ strategy, base, theirs }: Present): Resolved {
  if (strategy !== 'three-way' || base === null) return { outcome: 'insert', fields: [] }
  const fields = topLevelChanges(base, theirs)
  if (fields.length === 0) return { outcome: 'keep', fields }
  return { outcome: 'queue', fields, kind: 'deleted-here', overlaps: fields }
}

function resolveChanged(sides: Present, ours: Body, fields: readonly string[]): Resolved {
  switch (sides.strategy) {
    case 'take-incoming':
      return { outcome: 'update', fields }
    case 'keep-local':
      return { outcome: 'keep', fields }
    case 'manual-queue':
      return queued(sides, ours, fields)
    case 'lww-by-ts':
      return { outcome: instantOf(sides.theirsTime) > instantOf(sides.oursTime) ? 'update' : 'keep', fields }
    case 'field-authority':
    case 'field-level':
      return byAuthority(sides, ours, fields)
    case 'three-way':
      return threeWay(sides, ours, fields)
  }
}

function queued({ base, theirs }: Present, ours: Body, fields: readonly string[]): Resolved {
  const changes = fieldChanges(base, ours, theirs)
  const both = changes.filter(({ changedBy }) => changedBy === 'both')
  const overlaps = (both.length > 0 ? both : changes).map(({ path }) => path)
  return { outcome: 'queue', fields, kind: base === null ? 'no-base' : 'edited-by-both', overlaps }
}

function byAuthority(sides: Present, ours: Body, fields: readonly string[]): Resolved {
  if (sides.policy === undefined) throw new FieldAuthorityPolicyMissingError(sides.collection)
  const { merged, decisions } = resolveRecordByFieldAuthority(
    sides.policy,
    ours,
    sides.theirs,
    fields,
    sides.provenance ?? {},
  )
  if (jsonEquals(merged, ours)) return { outcome: 'keep', fields, decisions }
  return { outcome: 'merge', fields, decisions, result: merged }
}

function threeWay(sides: Present, ours: Body, fields: readonly string[]): Resolved {
  const { base, theirs, strictness = 'field' } = sides
  if (base === null) return queued(sides, ours, fields)
  if (strictness !== 'field') {
    if (topLevelChanges(base, theirs).length === 0) return { outcome: 'keep', fields }
    if (strictness === 'ask' || topLevelChanges(base, ours).length > 0) return queued(sides, ours, fields)
  }
  const { merged, overlaps } = mergeFields(base, ours, theirs, fields)
  if (overlaps.length > 0) return { outcome: 'queue', fields, kind: 'edited-by-both', overlaps }
  if (isTaken(merged, ours)) return { outcome: 'keep', fields }
  if (isTaken(merged, theirs)) return { outcome: 'update', fields }
  return { outcome: 'merge', fields, result: withMembers(ours, merged) }
}

/** Whether the differing fields all came out as one side has them. */
function isTaken(merged: ReadonlyMap<string, unknown>, side: Body): boolean {
  return [...merged].every(([name, value]) => same(value, member(side, name)))
}

function withMembers(body: Body, members: ReadonlyMap<string, unknown>): Body {
  return [...members].reduce((all, [name, value]) => withMember(all, name, value), body)
}
