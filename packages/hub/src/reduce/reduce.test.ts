import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { GroupCardinalityError } from '../errors.ts'
import type { Reducer } from '../types/query.ts'
import { avg, count, max, min, sum } from './reducers.ts'
import { groupAndReduce, reduceRecords } from './reduce.ts'

afterEach(() => vi.restoreAllMocks())

describe('reduceRecords', () => {
  it('reduces in one pass; a value that is no number counts as 0', () => {
    const rows = [{ a: { n: 4 } }, { a: { n: 8 } }, { a: { n: 'x' } }, {}]
    const spec = { rows: count(), total: sum('a.n'), mean: avg('a.n'), least: min('a.n'), most: max('a.n') }
    expect(reduceRecords(rows, spec)).toEqual({ rows: 4, total: 12, mean: 3, least: 0, most: 8 })
  })

  it('has a result for nothing', () => {
    const spec = { rows: count(), total: sum('n'), mean: avg('n'), least: min('n'), most: max('n') }
    expect(reduceRecords([], spec)).toEqual({ rows: 0, total: 0, mean: null, least: null, most: null })
  })
})

describe('merge', () => {
  const all: Array<[string, () => Reducer<unknown, unknown>]> = [
    ['count', () => count()],
    ['sum', () => sum('n')],
    ['avg', () => avg('n')],
    ['min', () => min('n')],
    ['max', () => max('n')],
  ]

  it.each(all)('%s of two halves is the result of the whole', (_name, make) => {
    const rows = fc.array(fc.record({ n: fc.integer({ min: -1000, max: 1000 }) }))
    fc.assert(
      fc.property(rows, rows, (left, right) => {
        const reducer = make()
        const state = (part: readonly unknown[]): unknown => part.reduce(reducer.step, reducer.init())
        const merged = reducer.finalize(reducer.merge?.(state(left), state(right)))
        expect(merged).toEqual(reducer.finalize(state([...left, ...right])))
      }),
    )
  })
})

describe('groupAndReduce', () => {
  it('makes one row per value, null apart from undefined, in the order first seen', () => {
    const rows = [{ k: 'b', n: 1 }, { k: null, n: 2 }, { n: 4 }, { k: 'b', n: 8 }]
    expect(groupAndReduce(rows, 'k', { total: sum('n') })).toEqual([
      { k: 'b', total: 9 },
      { k: null, total: 2 },
      { k: undefined, total: 4 },
    ])
  })

  it('warns from 10 000 groups and refuses more than 100 000', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    const rows = (n: number): unknown[] => Array.from({ length: n }, (_, k) => ({ k }))
    expect(groupAndReduce(rows(10_000), 'k', { rows: count() })).toHaveLength(10_000)
    expect(warn).toHaveBeenCalledTimes(1)
    expect(() => groupAndReduce(rows(100_001), 'k', { rows: count() })).toThrow(GroupCardinalityError)
  })
})
