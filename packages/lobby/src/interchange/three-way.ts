/**
 * Merge of two edits of one record against the body both started from. Edits of different fields, of different members
 * of a nested object or of different lines of a keyed list go together; the same edit on both sides is no conflict; an
 * edit of one side against a removal by the other is. What overlaps is named by path, and there ours is kept.
 */
import { jsonEquals } from '@noy-db/hub/kernel'
import { byKey, lineKeyOf } from './line-key.ts'
import { ABSENT, isObject, joinPath, member } from './record-path.ts'

export interface ThreeWayResult {
  /** Ours at every overlap. */
  readonly merged: unknown
  readonly overlaps: readonly string[]
}

interface Sides {
  readonly base: unknown
  readonly ours: unknown
  readonly theirs: unknown
}

export function mergeThreeWay(base: unknown, ours: unknown, theirs: unknown): ThreeWayResult {
  const overlaps: string[] = []
  const merged = merge({ base, ours, theirs }, '', overlaps)
  return { merged, overlaps }
}

export interface FieldsResult {
  /** By field; `ABSENT` where the field goes. */
  readonly merged: ReadonlyMap<string, unknown>
  readonly overlaps: readonly string[]
}

/** The same for two records whose differing fields are known: the others are not compared again. */
export function mergeFields(
  base: unknown,
  ours: unknown,
  theirs: unknown,
  fields: readonly string[],
): FieldsResult {
  const overlaps: string[] = []
  const merged = fields.map((name) => {
    const sides = { base: member(base, name), ours: member(ours, name), theirs: member(theirs, name) }
    return [name, merge(sides, joinPath('', name), overlaps)] as const
  })
  return { merged: new Map(merged), overlaps }
}

function merge(sides: Sides, path: string, overlaps: string[]): unknown {
  const { base, ours, theirs } = sides
  if (same(ours, theirs) || same(base, theirs)) return ours
  if (same(base, ours)) return theirs
  if (isObject(ours) && isObject(theirs)) return mergeObjects(sides, ours, theirs, path, overlaps)
  const lines = keyedLists(sides)
  if (lines !== null) return mergeLines(lines, path, overlaps)
  overlaps.push(path)
  return ours
}

export function same(left: unknown, right: unknown): boolean {
  return left === right || (left !== ABSENT && right !== ABSENT && jsonEquals(left, right))
}

function mergeObjects(
  { base }: Sides,
  ours: Record<string, unknown>,
  theirs: Record<string, unknown>,
  path: string,
  overlaps: string[],
): Record<string, unknown> {
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  const entries = [...names].map((name) => {
    const sides = { base: member(base, name), ours: member(ours, name), theirs: member(theirs, name) }
    return [name, merge(sides, joinPath(path, name), overlaps)] as const
  })
  return Object.fromEntries(entries.filter(([, value]) => value !== ABSENT))
}

export interface KeyedLists {
  readonly base: ReadonlyMap<string, unknown>
  readonly ours: ReadonlyMap<string, unknown>
  readonly theirs: ReadonlyMap<string, unknown>
}

/** Null where the values are not lists with a common key, or where lines of both sides changed places. */
export function keyedLists({ base, ours, theirs }: Sides): KeyedLists | null {
  if (!Array.isArray(ours) || !Array.isArray(theirs)) return null
  const before = Array.isArray(base) ? base : []
  const key = lineKeyOf([before, ours, theirs])
  if (key === null) return null
  const lists = { base: byKey(before, key), ours: byKey(ours, key), theirs: byKey(theirs, key) }
  return sameOrder(lists.ours, lists.theirs) ? lists : null
}

function sameOrder(ours: ReadonlyMap<string, unknown>, theirs: ReadonlyMap<string, unknown>): boolean {
  const shared = [...ours.keys()].filter((key) => theirs.has(key))
  return [...theirs.keys()].filter((key) => ours.has(key)).every((key, at) => key === shared[at])
}

function mergeLines(lists: KeyedLists, path: string, overlaps: string[]): unknown[] {
  const lines = lineOrder(lists).map((key) => {
    const [base, ours, theirs] = [lists.base, lists.ours, lists.theirs].map((side) => lineOf(side, key))
    return merge({ base, ours, theirs }, joinPath(path, key), overlaps)
  })
  return lines.filter((line) => line !== ABSENT)
}

export function lineOf(side: ReadonlyMap<string, unknown>, key: string): unknown {
  return side.has(key) ? side.get(key) : ABSENT
}

/**
 * One side's order where only that side added lines. Where both did, the added ones follow sorted by key, so that two
 * offices that merge each other's lists end with the same list.
 */
export function lineOrder({ ours, theirs }: Pick<KeyedLists, 'ours' | 'theirs'>): string[] {
  const added = [...theirs.keys()].filter((key) => !ours.has(key))
  if (added.length === 0) return [...ours.keys()]
  const own = [...ours.keys()].filter((key) => !theirs.has(key))
  if (own.length === 0) return [...theirs.keys()]
  const shared = [...ours.keys()].filter((key) => theirs.has(key))
  return [...shared, ...[...own, ...added].sort(compareKeys)]
}

function compareKeys(left: string, right: string): number {
  const difference = Number(left) - Number(right)
  if (!Number.isNaN(difference) && difference !== 0) return difference
  return left < right ? -1 : Number(left > right)
}
