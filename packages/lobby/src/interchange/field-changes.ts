/** The differences between two sides of a record, by path, and which side made them. */
import type { ConflictField } from '../queue/types.ts'
import { keyedLists, lineOf, lineOrder, same } from './three-way.ts'
import { ABSENT, isObject, joinPath, member } from './record-path.ts'

type Record_ = Record<string, unknown>

interface Sides {
  readonly base: unknown
  readonly ours: unknown
  readonly theirs: unknown
}

/** Every path where ours and theirs differ; `base` null means that no common body is known. */
export function fieldChanges(
  base: Record_ | null,
  ours: Record_ | null,
  theirs: Record_ | null,
): ConflictField[] {
  const found: ConflictField[] = []
  const sides = { base: base ?? ABSENT, ours: ours ?? {}, theirs: theirs ?? {} }
  collect(sides, '', base !== null, found)
  return found
}

function collect(sides: Sides, path: string, hasBase: boolean, found: ConflictField[]): void {
  const { base, ours, theirs } = sides
  if (same(ours, theirs)) return
  if (isObject(ours) && isObject(theirs)) {
    for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      const inner = { base: member(base, name), ours: member(ours, name), theirs: member(theirs, name) }
      collect(inner, joinPath(path, name), hasBase, found)
    }
    return
  }
  const lines = keyedLists(sides)
  if (lines === null) {
    found.push(describe(sides, path, hasBase))
    return
  }
  for (const key of lineOrder(lines)) {
    const inner = {
      base: lineOf(lines.base, key),
      ours: lineOf(lines.ours, key),
      theirs: lineOf(lines.theirs, key),
    }
    collect(inner, joinPath(path, key), hasBase, found)
  }
}

function describe(sides: Sides, path: string, hasBase: boolean): ConflictField {
  const { base, ours, theirs } = sides
  return {
    path,
    base: shown(base),
    ours: shown(ours),
    theirs: shown(theirs),
    changedBy: changedBy(sides, hasBase),
  }
}

/** A member that is not there is shown as `undefined`. */
function shown(value: unknown): unknown {
  return value === ABSENT ? undefined : value
}

function changedBy({ base, ours, theirs }: Sides, hasBase: boolean): ConflictField['changedBy'] {
  if (!hasBase) return 'unknown'
  if (same(base, ours)) return same(base, theirs) ? 'none' : 'theirs'
  return same(base, theirs) ? 'ours' : 'both'
}

/** Names of the top-level fields that differ. */
export function topLevelChanges(ours: Record_, theirs: Record_): string[] {
  const differ = (name: string): boolean => !same(defined(ours, name), defined(theirs, name))
  const added = Object.keys(theirs).filter((name) => !Object.hasOwn(ours, name) && differ(name))
  return [...Object.keys(ours).filter(differ), ...added].sort()
}

/** An undefined member is one that is not there. */
function defined(record: Record_, name: string): unknown {
  const value = member(record, name)
  return value === undefined ? ABSENT : value
}
