import { describe, expect, it } from 'vitest'
import { PeriodBook, withClosed, withReopened, type PeriodsRow } from './period-book.ts'

const may = { by: 'ann', at: '2026-05-03T08:00:00.000Z', reason: 'filed' }
const june = { by: 'bob', at: '2026-06-03T08:00:00.000Z' }
const nothing: PeriodsRow = { months: {} }

function closedOf(row: PeriodsRow, ...periods: string[]): boolean[] {
  const book = new PeriodBook(row)
  return periods.map((period) => book.has(period))
}

describe('a book of periods', () => {
  it('closes single months and knows who did', () => {
    const row = withClosed(nothing, ['2026-03', '2026-05'], may)
    expect(closedOf(row, '2026-02', '2026-03', '2026-04', '2026-05')).toEqual([false, true, false, true])
    const again = new PeriodBook(withClosed(row, ['2026-05', '2026-06'], june))
    expect(again.closing('2026-05')).toEqual(may)
    expect(again.closing('2026-06')).toEqual(june)
  })

  it('closes everything up to a month, whatever year, and goes on from there', () => {
    const row = withClosed(nothing, { through: '2026-03' }, may)
    expect(closedOf(row, '1996-07', '2026-03', '2026-04')).toEqual([true, true, false])
    const on = withClosed(row, { through: '2026-04' }, june)
    expect(closedOf(on, '1996-07', '2026-04', '2026-05')).toEqual([true, true, false])
    expect(new PeriodBook(withClosed(on, { through: '2025-12' }, may)).through?.period).toBe('2026-04')
  })

  it('reopens a month in the middle, and closes it again either way', () => {
    const row = withReopened(withClosed(nothing, { through: '2026-03' }, may), ['2026-02'])
    expect(closedOf(row, '2026-01', '2026-02', '2026-03')).toEqual([true, false, true])
    expect(closedOf(withClosed(row, ['2026-02'], june), '2026-02')).toEqual([true])
    expect(closedOf(withClosed(row, { through: '2026-02' }, june), '2026-02', '2026-03')).toEqual([
      true,
      true,
    ])
    expect(closedOf(withReopened(row, ['2027-01']), '2026-02', '2026-03')).toEqual([false, true])
  })

  it('is empty where nothing was closed', () => {
    expect(new PeriodBook(nothing).size).toBe(0)
    expect(new PeriodBook(withReopened(withClosed(nothing, ['2026-03'], may), ['2026-03'])).size).toBe(0)
  })

  it.each(['2026-13', '2026-3', 'May', ''])('refuses "%s"', (period) => {
    for (const work of [
      () => withClosed(nothing, [period], may),
      () => withClosed(nothing, { through: period }, may),
      () => withReopened(nothing, [period]),
    ])
      expect(work).toThrow(/is no month/)
  })
})
