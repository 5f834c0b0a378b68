import { describe, expect, test } from 'vitest'
import { monthsAround, monthsLater, periodName } from './period.ts'

describe('periods', () => {
  test.each([
    ['month', '2026-03', ['2026-03']],
    ['quarter', '2026-05', ['2026-04', '2026-05', '2026-06']],
    ['quarter', '2026-12', ['2026-10', '2026-11', '2026-12']],
  ] as const)('a %s around %s', (kind, month, months) => {
    expect(monthsAround(kind, month)).toEqual(months)
  })

  test('a year has twelve, from January', () => {
    const months = monthsAround('year', '2024-02')
    expect([months.length, months[0], months.at(-1)]).toEqual([12, '2024-01', '2024-12'])
  })

  test('months go over the turn of a year', () => {
    expect([monthsLater('2026-01', -1), monthsLater('2025-12', 1)]).toEqual(['2025-12', '2026-01'])
  })

  test('names are those of the reader', () => {
    expect(periodName('2026-03', 'en-GB')).toBe('March 2026')
    expect(periodName('2026-03', 'de-DE')).toBe('März 2026')
    expect(periodName('2026-04', 'en-GB', 'quarter')).toBe('Q2 2026')
    expect(periodName('2026-04', 'en-GB', 'year')).toBe('2026')
  })
})
