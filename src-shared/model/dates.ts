/** Calendar dates as text, YYYY-MM-DD. A date is a day in a ledger, never an instant: no time zone touches it. */

/** A day that exists, in years 0001 to 9999. */
export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** @throws RangeError when the date is none. */
export function addDays(date: string, days: number): string {
  return new Date(noon(date) + days * 86_400_000).toISOString().slice(0, 10)
}

/** Whole days from one date to the other, negative when it lies before. @throws RangeError */
export function daysBetween(from: string, to: string): number {
  return Math.round((noon(to) - noon(from)) / 86_400_000)
}

/** "3 May 2026" in the reader's language; a text that is no date is given back. */
export function formatDate(date: string, locale = ''): string {
  if (!isIsoDate(date)) return date
  const format = new Intl.DateTimeFormat(locale === '' ? undefined : locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
  return format.format(noon(date))
}

function noon(date: string): number {
  if (!isIsoDate(date)) throw new RangeError(`"${date}" is no date.`)
  return Date.parse(`${date}T12:00:00Z`)
}
