/**
 * Which rules a change of a record breaks. What the record broke before is not held against it; a closed period is, whether
 * the record is in it, enters or leaves it.
 */
import type { Body } from '../import/types.ts'
import type { BrokenRule, RecordRules } from './types.ts'

export interface RecordChange {
  readonly id: string
  /** Null: there is none. */
  readonly before: Body | null
  /** Null: it goes. */
  readonly after: Body | null
}

/** By change, in their order. */
export async function judgeChanges(
  rules: RecordRules,
  collection: string,
  changes: readonly RecordChange[],
): Promise<BrokenRule[][]> {
  const bodies = changes.flatMap(({ id, before, after }) =>
    [before, after].flatMap((body) => (body === null ? [] : [{ id, body }])),
  )
  const found = await rules.check(collection, bodies)
  let at = 0
  return changes.map(({ before, after }) => {
    const earlier = before === null ? [] : (found[at++] ?? [])
    return brokenNow(earlier, after === null ? [] : (found[at++] ?? []))
  })
}

function brokenNow(earlier: readonly BrokenRule[], later: readonly BrokenRule[]): BrokenRule[] {
  const before = new Set(earlier.map(({ rule }) => rule))
  const broken = later.filter(({ rule, period }) => period !== undefined || !before.has(rule))
  const named = new Set(broken.map(({ rule }) => rule))
  return [...broken, ...earlier.filter(({ rule, period }) => period !== undefined && !named.has(rule))]
}
