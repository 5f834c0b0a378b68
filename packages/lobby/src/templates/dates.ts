/** Days of a ledger as text, YYYY-MM-DD; and the periods they fall into. No time zone touches them. */

/** A day that exists, in years 0001 to 9999. The console's own model agrees; a test compares the two. */
export function isIsoDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** "2026-05" of "2026-05-31": accounting periods are months. Null for a text that is no day. */
export function periodOfDate(date: unknown): string | null {
  return typeof date === 'string' && isIsoDate(date) ? date.slice(0, 7) : null
}
