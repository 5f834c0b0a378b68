/**
 * Reducers over one numeric field. A missing or non-numeric value counts as 0, so it lowers an average
 * and can be the minimum. Not for money: amounts are minor units or decimal strings.
 */
import { readPath } from '../ids.ts'
import type { Reducer } from '../types/query.ts'

export interface AverageState {
  readonly sum: number
  readonly count: number
}

export function count(): Reducer<number> {
  return {
    init: () => 0,
    step: (state) => state + 1,
    remove: (state) => state - 1,
    merge: (left, right) => left + right,
    finalize: (state) => state,
  }
}

export function sum(field: string): Reducer<number> {
  return {
    init: () => 0,
    step: (state, record) => state + numberAt(record, field),
    remove: (state, record) => state - numberAt(record, field),
    merge: (left, right) => left + right,
    finalize: (state) => state,
  }
}

/** The partial state keeps sum and count, so merged partial states give the true mean. */
export function avg(field: string): Reducer<number | null, AverageState> {
  return {
    init: () => ({ sum: 0, count: 0 }),
    step: (state, record) => ({ sum: state.sum + numberAt(record, field), count: state.count + 1 }),
    remove: (state, record) => ({ sum: state.sum - numberAt(record, field), count: state.count - 1 }),
    merge: (left, right) => ({ sum: left.sum + right.sum, count: left.count + right.count }),
    finalize: (state) => (state.count === 0 ? null : state.sum / state.count),
  }
}

export function min(field: string): Reducer<number | null> {
  return extreme(field, Math.min)
}

export function max(field: string): Reducer<number | null> {
  return extreme(field, Math.max)
}

/** No `remove`: the extreme of the rest cannot be told from the extreme alone. */
function extreme(field: string, pick: (a: number, b: number) => number): Reducer<number | null> {
  const merge = (left: number | null, right: number | null): number | null =>
    left === null ? right : right === null ? left : pick(left, right)
  return {
    init: () => null,
    step: (state, record) => merge(state, numberAt(record, field)),
    merge,
    finalize: (state) => state,
  }
}

function numberAt(record: unknown, field: string): number {
  const value = readPath(record, field)
  return typeof value === 'number' && !Number.isNaN(value) ? value : 0
}
