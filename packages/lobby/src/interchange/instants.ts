/** Times as instants: two spellings of one moment are equal, whatever their offset or fraction digits. */

/** Minus infinity for a time that is missing or cannot be read, so that it is older than any other. */
export function instantOf(time: string | undefined): number {
  const instant = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(instant) ? Number.NEGATIVE_INFINITY : instant
}

/** By instant where both can be read, else as text. */
export function isLater(left: string, right: string): boolean {
  const [a, b] = [instantOf(left), instantOf(right)]
  return Number.isFinite(a) && Number.isFinite(b) ? a > b : left > right
}
