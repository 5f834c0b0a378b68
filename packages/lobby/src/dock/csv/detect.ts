/** How a delimited file is written: tried on its beginning, the reading that gives most rows of one width wins. */
import { parse } from 'csv-parse/sync'
import type { Delimiter } from '../source/types.ts'

const candidates: readonly Delimiter[] = [',', ';', '\t', '|']
const ROWS = 100

export function detectDelimiter(beginning: string): Delimiter {
  const scored = candidates.map((delimiter) => ({ delimiter, score: scoreOf(beginning, delimiter) }))
  const best = scored.reduce((left, right) => (right.score > left.score ? right : left))
  return best.delimiter
}

/** Rows that have the commonest width, where that is more than one column; wider counts for more among equals. */
function scoreOf(text: string, delimiter: Delimiter): number {
  const rows = parse(text, {
    delimiter,
    relax_column_count: true,
    relax_quotes: true,
    skip_records_with_error: true,
    to: ROWS,
  })
  const widths = new Map<number, number>()
  for (const row of rows) widths.set(row.length, (widths.get(row.length) ?? 0) + 1)
  const [width, count] = [...widths].reduce((left, right) => (right[1] > left[1] ? right : left), [1, 0])
  return width === 1 ? 0 : count / rows.length + Math.min(width, 99) / 1000
}

/** The first row names the columns unless a number or a date stands in it, or it repeats itself. */
export function detectHeader(first: readonly string[]): boolean {
  const texts = first.map((text) => text.trim()).filter((text) => text !== '')
  return (
    texts.length > 0 && new Set(texts).size === texts.length && !texts.some((text) => /^[-+(]?\d/.test(text))
  )
}
