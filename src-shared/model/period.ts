/** Accounting periods: calendar months, as YYYY-MM. */
import { isIsoDate } from './dates.ts'

/** The month a date falls into; null when the text is no date. */
export function periodOf(date: string): string | null {
  return isIsoDate(date) ? date.slice(0, 7) : null
}

/** The months from the first to the last, both included. */
export function periodsBetween(first: string, last: string): string[] {
  const [from, to] = [monthNumber(first), monthNumber(last)]
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, step) => monthText(from + step))
}

function monthNumber(period: string): number {
  const [year, month] = period.split('-').map(Number)
  return (year ?? 0) * 12 + (month ?? 1) - 1
}

function monthText(number: number): string {
  return `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`
}

/** A month, a quarter or a year. */
export type PeriodKind = 'month' | 'quarter' | 'year'

/** The months of the span of this kind that a month lies in. */
export function monthsAround(kind: PeriodKind, period: string): string[] {
  const length = { month: 1, quarter: 3, year: 12 }[kind]
  const first = monthNumber(period) - (monthNumber(period) % length)
  return Array.from({ length }, (_, step) => monthText(first + step))
}

/** The month so many months later; earlier below zero. */
export function monthsLater(period: string, months: number): string {
  return monthText(monthNumber(period) + months)
}

/** "March 2026", "Q1 2026", "2026". */
export function periodName(period: string, locale: string, kind: PeriodKind = 'month'): string {
  const [year = '', month = ''] = period.split('-')
  if (kind === 'year') return year
  if (kind === 'quarter') return `Q${Math.ceil(Number(month) / 3)} ${year}`
  const format = new Intl.DateTimeFormat(locale === '' ? undefined : locale, {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
  return format.format(Date.parse(`${period}-01T12:00:00Z`))
}
