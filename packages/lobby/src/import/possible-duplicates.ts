/**
 * New records that may be documents which are here already, under another id: equal in what the template says tells such
 * documents apart. They wait in the queue as `possible-duplicate` instead of becoming a second document.
 */
import type { CollectionApi } from '@noy-db/hub'
import { groupBy } from '../group-by.ts'
import type { Pace } from '../pace.ts'
import { conflictIdOf } from '../queue/conflict-id.ts'
import { valueAt } from '../templates/field-values.ts'
import { leaveDecided } from './plan-rows.ts'
import type { Body } from './types.ts'
import type { NaturalKey, PlannedRow, VaultMerge } from './vault-merge.ts'

/** Beyond so many values one pass over the collection is no dearer than looking each up. */
const MOST_LOOKUPS = 300

export async function markDuplicates(
  merge: VaultMerge,
  rows: readonly PlannedRow[],
  slices: Pace,
): Promise<PlannedRow[]> {
  const marked = new Map<PlannedRow, PlannedRow>()
  const inserts = groupBy(
    rows.filter(({ outcome }) => outcome === 'insert'),
    ({ collection }) => collection,
  )
  for (const [name, arriving] of inserts) {
    const key = naturalKeyFor(merge, name)
    if (key !== undefined) await markCollection(merge, key, arriving, marked, slices)
  }
  if (marked.size === 0) return [...rows]
  const conflicts = await leaveDecided(merge.vault, [...marked.values()], slices)
  const settled = new Map([...marked.keys()].map((row, at) => [row, conflicts[at] ?? row]))
  return rows.map((row) => settled.get(row) ?? row)
}

function naturalKeyFor({ naturalKeys = {} }: VaultMerge, collection: string): NaturalKey | undefined {
  const key = Object.hasOwn(naturalKeys, collection) ? naturalKeys[collection] : undefined
  return key?.naturalKey === undefined ? undefined : key
}

async function markCollection(
  merge: VaultMerge,
  key: NaturalKey,
  arriving: readonly PlannedRow[],
  marked: Map<PlannedRow, PlannedRow>,
  slices: Pace,
): Promise<void> {
  const wanted = groupBy(arriving, ({ incoming }) => key.naturalKeyOf(incoming) ?? '')
  wanted.delete('') // nothing can be said of those
  const [first] = arriving
  if (wanted.size === 0 || first === undefined) return
  const collection = merge.vault.collection<Body>(first.collection)
  const here = await findHere(collection, key, wanted, slices)
  for (const [natural, rows] of wanted) {
    // Of two equal new ones the first stays a new record.
    const [original, ...others] = rows
    const existing = here.get(natural)
    if (existing !== undefined && original !== undefined)
      marked.set(original, asDuplicate(merge, original, existing))
    for (const row of others) marked.set(row, asDuplicate(merge, row, existing ?? original?.id ?? row.id))
  }
}

/** Natural key -> id of the record that has it. */
async function findHere(
  collection: CollectionApi<Body>,
  key: NaturalKey,
  wanted: ReadonlyMap<string, readonly PlannedRow[]>,
  slices: Pace,
): Promise<Map<string, string>> {
  const here = new Map<string, string>()
  const lookup = lookupOf(key, [...wanted.values()].flat())
  const query = collection.query()
  const narrowed = lookup === null ? query : query.where(lookup.field, 'in', lookup.values)
  for await (const chunk of narrowed.chunks()) {
    for (const { id, record } of chunk) {
      await slices.step()
      const natural = key.naturalKeyOf(record)
      if (natural !== null && wanted.has(natural) && !here.has(natural)) here.set(natural, id)
    }
  }
  return here
}

/** Through an index where there is one: then planning costs what arrives. It compares as written, case and all. */
function lookupOf(
  { naturalKey = [], indexes }: NaturalKey,
  rows: readonly PlannedRow[],
): { readonly field: string; readonly values: readonly unknown[] } | null {
  const field = naturalKey.find((path) => indexes.includes(path))
  if (field === undefined) return null
  const values = [...new Set(rows.map(({ incoming }) => valueAt(incoming, field)))]
  return values.length > MOST_LOOKUPS ? null : { field, values }
}

function asDuplicate(merge: VaultMerge, row: PlannedRow, duplicateOf: string): PlannedRow {
  const bodies = { base: null, ours: null, theirs: row.incoming }
  const conflictId = conflictIdOf(merge.queueKey, row.collection, row.id, bodies)
  const fields = Object.keys(row.incoming ?? {})
  return {
    ...row,
    outcome: 'queue',
    kind: 'possible-duplicate',
    fields,
    overlaps: fields,
    conflictId,
    duplicateOf,
  }
}
