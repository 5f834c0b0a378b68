/** What the sampled rows say about each column. */
import { decimalMarks, dateOrders } from './values.ts'
import type { Cell, ColumnFacts, SourceRow, TableFacts } from './types.ts'

/** Rows that detection looks at. */
export const SAMPLE_ROWS = 1000
/** Rows that are shown. */
const SHOWN_ROWS = 20

export function describeTable(
  name: string,
  columns: readonly string[],
  rows: readonly SourceRow[],
): TableFacts {
  return {
    name,
    columns: columns.map((column) => describeColumn(column, rows)),
    sample: rows.slice(0, SHOWN_ROWS),
    sampled: rows.length,
  }
}

/** Names in the order of their first appearance. */
export function columnNames(rows: readonly SourceRow[]): string[] {
  return [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))]
}

function describeColumn(name: string, rows: readonly SourceRow[]): ColumnFacts {
  // A ragged row's cells may stand in the wrong columns.
  const sound = rows.filter(({ faults }) => faults.length === 0)
  const values = sound.map(({ cells }) => (Object.hasOwn(cells, name) ? cells[name] : null))
  const filled = values.filter(isFilled)
  const texts = filled.map((value) => (typeof value === 'object' ? '' : String(value).trim()))
  const facts = { name, filled: filled.length, ambiguous: false }
  if (filled.length === 0) return { ...facts, type: 'empty' }
  if (filled.some((value) => typeof value === 'object')) return { ...facts, type: 'object' }
  if (texts.every((text) => /^(true|false)$/i.test(text))) return { ...facts, type: 'boolean' }
  return asDate(facts, texts) ?? asNumber(facts, texts) ?? { ...facts, type: 'text' }
}

function isFilled(value: Cell | undefined): value is Exclude<Cell, null> {
  // A database's word for nothing is no text of the column.
  return value !== undefined && value !== null && value !== '' && value !== 'NULL'
}

type Facts = Pick<ColumnFacts, 'name' | 'filled' | 'ambiguous'>

function asDate(facts: Facts, texts: readonly string[]): ColumnFacts | null {
  if (texts.every((text) => /^\d+$/.test(text))) return null
  const [order, another] = common(texts, dateOrders)
  if (order === undefined) return null
  return { ...facts, type: 'date', dateOrder: order, ambiguous: another !== undefined }
}

function asNumber(facts: Facts, texts: readonly string[]): ColumnFacts | null {
  // Postal codes and account numbers lose their zeros as numbers.
  if (texts.some((text) => /^[-+]?0\d/.test(text))) return null
  const [mark, another] = common(texts, decimalMarks)
  if (mark === undefined) return null
  if (texts.every((text) => /^[-+]?\d+$/.test(text))) return { ...facts, type: 'integer' }
  return { ...facts, type: 'decimal', decimalMark: mark, ambiguous: another !== undefined }
}

/** Readings that fit every text. */
function common<T>(texts: readonly string[], readings: (text: string) => readonly T[]): readonly T[] {
  const [first = '', ...rest] = texts
  return rest.reduce<readonly T[]>(
    (left, text) => (left.length === 0 ? left : left.filter((one) => readings(text).includes(one))),
    readings(first),
  )
}
