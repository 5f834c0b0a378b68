/** What files of other programs are called in words. */
import type { ColumnView, ForeignKind, Reading } from '../../../src-shared/ipc/foreign.ts'
import type { DateOrder, DecimalMark } from '../../stores/foreign-file.svelte.ts'
import type { RowsAs } from '../../stores/mapping-draft.svelte.ts'

interface Choice<Value extends string> {
  readonly value: Value
  readonly label: string
}

export const kinds: ReadonlyArray<Choice<ForeignKind>> = [
  { value: 'csv', label: 'Delimited text (CSV, TSV)' },
  { value: 'xlsx', label: 'Workbook (XLSX)' },
  { value: 'sqlite', label: 'Database (SQLite)' },
  { value: 'jsonl', label: 'JSON lines' },
  { value: 'ubl', label: 'Invoice (UBL 2.1)' },
  { value: 'ofx', label: 'Bank statement (OFX)' },
]

/** What a kind calls its tables. */
export const tableWords: Readonly<Partial<Record<ForeignKind, string>>> = {
  xlsx: 'Sheet',
  sqlite: 'Table',
  ofx: 'Account',
}

export const delimiters: ReadonlyArray<Choice<NonNullable<Reading['delimiter']>>> = [
  { value: ',', label: 'Comma' },
  { value: ';', label: 'Semicolon' },
  { value: '\t', label: 'Tab' },
  { value: '|', label: 'Bar' },
]

export const encodings: ReadonlyArray<Choice<NonNullable<Reading['encoding']>>> = [
  { value: 'utf-8', label: 'UTF-8' },
  { value: 'windows-1252', label: 'Windows-1252' },
  { value: 'utf-16le', label: 'UTF-16' },
  { value: 'utf-16be', label: 'UTF-16, big end first' },
]

export const decimalMarks: ReadonlyArray<Choice<DecimalMark>> = [
  { value: '.', label: '1,234.50 (point)' },
  { value: ',', label: '1.234,50 (comma)' },
]

export const dateOrders: ReadonlyArray<Choice<DateOrder>> = [
  { value: 'ymd', label: '2026-05-04 (year first)' },
  { value: 'dmy', label: '04.05.2026 (day first)' },
  { value: 'mdy', label: '05/04/2026 (month first)' },
]

export const ratesWritten: ReadonlyArray<Choice<'100' | '1'>> = [
  { value: '100', label: '19 is 19 %' },
  { value: '1', label: '0.19 is 19 %' },
]

/** What a row of a table is, where records have lines. */
export function rowsAs(record: string, line: string, needed: boolean): ReadonlyArray<Choice<RowsAs>> {
  const [one, part] = [record.toLowerCase(), line.toLowerCase()]
  return [
    ...(needed ? [] : [{ value: 'each', label: `One ${one}, as it stands` } as const]),
    { value: 'grouped', label: `One ${part} of an ${one}`.replace(/ an (?=[^aeiou])/, ' a ') },
    { value: 'single', label: `One ${one}, as a single ${part}` },
  ]
}

export const headingRows: ReadonlyArray<Choice<'yes' | 'no'>> = [
  { value: 'yes', label: 'First row' },
  { value: 'no', label: 'None' },
]

const types: Readonly<Record<ColumnView['type'], string>> = {
  empty: 'empty',
  text: 'text',
  integer: 'whole number',
  decimal: 'number',
  date: 'day',
  boolean: 'yes or no',
  object: 'list',
}

export function typeWords({ type, decimalMark, dateOrder }: ColumnView): string {
  if (type === 'decimal') return `number, ${decimalMark === ',' ? 'comma' : 'point'}`
  if (type !== 'date') return types[type]
  return { ymd: 'day, year first', dmy: 'day, day first', mdy: 'day, month first' }[dateOrder ?? 'ymd']
}

/** What cannot be told from the values, and so is a person's to say; null where all is plain. */
export function doubtWords({
  numbers,
  days,
}: {
  readonly numbers: boolean
  readonly days: boolean
}): string | null {
  const what = [numbers && 'numbers', days && 'days'].filter((one) => one !== false).join(' and ')
  if (what === '') return null
  return `Some ${what} here can be read in two ways. Look at the rows below, and say which is meant.`
}
