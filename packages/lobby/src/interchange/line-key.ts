/**
 * Which member names a line of a list: `id`, else `lineId`, else `lineNo`, else `line`. It has to be there in every line
 * of every side, as text or number, and unique in each; otherwise the list has no keys and is merged as one value.
 * Positions are never used: after an insertion the third line here is not the third line there.
 */
const KEYS = ['id', 'lineId', 'lineNo', 'line']

export type Lines = readonly unknown[]

/** Null where the lists have no common key. Empty lists say nothing; all empty gives null. */
export function lineKeyOf(sides: readonly Lines[]): string | null {
  const filled = sides.filter((lines) => lines.length > 0)
  if (filled.length === 0) return null
  return KEYS.find((key) => filled.every((lines) => isKey(lines, key))) ?? null
}

function isKey(lines: Lines, key: string): boolean {
  const seen = new Set<string>()
  for (const line of lines) {
    const value = readKey(line, key)
    if (value === null || seen.has(value)) return false
    seen.add(value)
  }
  return true
}

function readKey(line: unknown, key: string): string | null {
  if (typeof line !== 'object' || line === null || !Object.hasOwn(line, key)) return null
  const value: unknown = Reflect.get(line, key)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}

/** Index of the line, or -1. */
export function findLine(lines: Lines, key: string | null, wanted: string): number {
  return key === null ? -1 : lines.findIndex((line) => readKey(line, key) === wanted)
}

/** The lines by key, in their order. */
export function byKey(lines: Lines, key: string): Map<string, unknown> {
  return new Map(lines.map((line) => [readKey(line, key) ?? '', line]))
}
