import type { CsvSeparator, TableFormat } from '../../../src-shared/ipc/exports.ts'

/** Formats as people call them, and what each is good for. */
export const formatWords: ReadonlyArray<{
  readonly value: TableFormat
  readonly label: string
  /** Within a sentence. */
  readonly name: string
  readonly help: string
}> = [
  {
    value: 'xlsx',
    label: 'Excel workbook (.xlsx)',
    name: 'an Excel workbook',
    help: 'A sheet for each collection of each client; amounts are numbers, days are days.',
  },
  {
    value: 'csv',
    label: 'CSV, for spreadsheets (.csv)',
    name: 'CSV',
    help: 'A file for each collection of each client. Texts that a spreadsheet would run as a formula are marked with an apostrophe.',
  },
  {
    value: 'jsonl',
    label: 'JSON lines, for programs (.jsonl)',
    name: 'JSON lines',
    help: 'Each record as it is stored, one to a line; amounts are whole minor units.',
  },
  {
    value: 'html',
    label: 'Report to print (.html)',
    name: 'a report',
    help: 'Opens in any browser and is laid out for paper: what was chosen, totals, then the rows.',
  },
]

export const separatorWords: ReadonlyArray<{ readonly value: CsvSeparator; readonly label: string }> = [
  { value: 'comma', label: 'Comma between, 1234.50' },
  { value: 'semicolon', label: 'Semicolon between, 1234,50' },
  { value: 'tab', label: 'Tab between, 1234.50' },
]

/** "Chevalier", "Chevalier and 3 others". */
export function someNames(names: readonly string[]): string {
  const [first = '', ...others] = names
  if (others.length === 0) return first
  return others.length === 1 ? `${first} and ${others[0] ?? ''}` : `${first} and ${others.length} others`
}
