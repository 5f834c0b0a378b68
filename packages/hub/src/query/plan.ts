/** What a query asks for, as data, and its synchronous steps: filter, order, offset, limit. */
import { readPath } from '../ids.ts'
import type { Equality } from '../indexes/choose.ts'
import { compareValues } from './operators.ts'
import type { JoinLeg } from './join.ts'
import type { QueryRow } from './source.ts'

export type Clause = (record: unknown) => boolean

export interface Order {
  readonly field: string
  readonly direction: 'asc' | 'desc'
}

export interface QueryPlan {
  /** All must hold. */
  readonly clauses: readonly Clause[]
  /** Those of them that are a `==` or an `in`, for a source that can look them up. */
  readonly equalities: readonly Equality[]
  readonly order: readonly Order[]
  readonly offset: number
  readonly limit: number
  readonly joins: readonly JoinLeg[]
}

export const EMPTY_PLAN: QueryPlan = {
  clauses: [],
  equalities: [],
  order: [],
  offset: 0,
  limit: Infinity,
  joins: [],
}

export function matches(plan: QueryPlan, record: unknown): boolean {
  return plan.clauses.every((clause) => clause(record))
}

/** The rows the plan selects, before joins. */
export function selectRows(plan: QueryPlan, rows: readonly QueryRow<unknown>[]): QueryRow<unknown>[] {
  const found = plan.clauses.length === 0 ? [...rows] : rows.filter((row) => matches(plan, row.record))
  return sortRows(plan.order, found).slice(plan.offset, plan.offset + plan.limit)
}

/** Stable; later orders break ties of earlier ones; values that cannot be compared keep their order. */
export function sortRows(order: readonly Order[], rows: QueryRow<unknown>[]): QueryRow<unknown>[] {
  if (order.length === 0) return rows
  const keyed = rows.map((row) => ({ row, keys: order.map(({ field }) => readPath(row.record, field)) }))
  keyed.sort((left, right) => compareKeys(order, left.keys, right.keys))
  return keyed.map(({ row }) => row)
}

function compareKeys(order: readonly Order[], left: readonly unknown[], right: readonly unknown[]): number {
  for (const [at, { direction }] of order.entries()) {
    const result = compareNullish(left[at], right[at])
    if (result !== 0) return direction === 'desc' ? -result : result
  }
  return 0
}

/** Nullish values come last (so they come first in descending order). */
function compareNullish(left: unknown, right: unknown): number {
  const leftMissing = left === null || left === undefined
  const rightMissing = right === null || right === undefined
  if (leftMissing || rightMissing) return Number(leftMissing) - Number(rightMissing)
  return compareValues(left, right) ?? 0
}
