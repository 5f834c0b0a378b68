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
