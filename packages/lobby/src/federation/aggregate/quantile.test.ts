import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reduceRecords } from '@noy-db/hub/kernel'
import { quantile } from './quantile.ts'

const values = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 1, maxLength: 200 })
const rows = (numbers: readonly number[]) => numbers.map((n) => ({ n }))

describe('quantile', () => {
  it('is within its accuracy of the exact value, however the rows are split', () => {
    fc.assert(
      fc.property(values, values, fc.double({ min: 0, max: 1, noNaN: true }), (left, right, q) => {
        const reducer = quantile('n', q, { accuracy: 0.02 })
        const [a, b] = [left, right].map((part) => rows(part).reduce(reducer.step, reducer.init()))
        const all = [...left, ...right].sort((x, y) => x - y)
        const exact = all[Math.floor(q * (all.length - 1))]!
        const estimate = reducer.finalize(reducer.merge!(a!, b!))
        expect(Math.abs(estimate! - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.02 + 1e-9)
        expect(reducer.finalize(reducer.merge!(b!, a!))).toBe(estimate)
      }),
    )
  })

  it('counts numbers only, is null of none, and refuses what is no share', () => {
    const odd = [{ n: 'x' }, {}, { n: null }, { n: 100 }]
    expect(reduceRecords(odd, { q: quantile('n', 0.5) }).q).toBeCloseTo(100, -1)
    expect(reduceRecords([], { q: quantile('n', 0.5) })).toEqual({ q: null })
    for (const q of [-0.1, 1.1, NaN]) expect(() => quantile('n', q)).toThrow('quantile')
    expect(() => quantile('n', 0.5, { accuracy: 0 })).toThrow('accuracy')
  })
})
