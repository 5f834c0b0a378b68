/**
 * A table as delimited text: RFC 4180, UTF-8, lines ended by CR LF. `docs/export-formats.md` describes it, and the escape
 * that keeps a spreadsheet from taking a text for a formula.
 */
import type { LongWork } from '@noy-db/hub'
import { pace } from '../pace.ts'
import type { ExportCell } from './cells.ts'
import { cellsOf, columnsOfTable, rowsOf, type TableSource } from './table.ts'

export interface CsvOptions {
  /** Default comma. */
  readonly delimiter?: ',' | ';' | '\t'
  /** Of numbers and amounts; default a point. */
  readonly decimalSign?: '.' | ','
  /** Some spreadsheets take a file without it for another encoding; programs mostly want none. Default false. */
  readonly byteOrderMark?: boolean
  /** What stands in the first line: field names (default), or what the template calls them. */
  readonly headings?: 'names' | 'labels'
}

/** Chunks of the file. @throws ExportCapabilityError at once */
export function exportCsv(
  source: TableSource,
  options: CsvOptions = {},
  work?: LongWork,
): AsyncGenerator<string> {
  source.vault.assertCanExport('plaintext', 'csv')
  return csvChunks(source, options, work)
}

async function* csvChunks(source: TableSource, options: CsvOptions, work?: LongWork): AsyncGenerator<string> {
  const slices = pace(work)
  const columns = await columnsOfTable(source)
  const headings = columns.map(({ label, path }) => (options.headings === 'labels' ? label : path))
  const head = headings.map((text): ExportCell => ({ kind: 'text', text }))
  yield (options.byteOrderMark === true ? '\ufeff' : '') + line(head, options)
  for await (const rows of rowsOf(source)) {
    let chunk = ''
    for (const { record } of rows) {
      await slices.step()
      chunk += line(cellsOf(record, columns), options)
    }
    if (chunk !== '') yield chunk
  }
}

function line(cells: readonly ExportCell[], { delimiter = ',', decimalSign = '.' }: CsvOptions): string {
  return `${cells.map((cell) => quoted(cellText(cell, decimalSign), delimiter)).join(delimiter)}\r\n`
}

function cellText(cell: ExportCell, decimalSign: '.' | ','): string {
  switch (cell?.kind) {
    case undefined:
      return ''
    case 'text':
      return guarded(cell.text)
    case 'boolean':
      return String(cell.value)
    case 'date':
      return cell.day
    case 'number':
      return String(cell.value).replace('.', decimalSign)
    case 'decimal':
    case 'amount':
      return cell.text.replace('.', decimalSign)
  }
}

/**
 * One apostrophe in front of a text that a spreadsheet could take for a formula (OWASP, "CSV injection"), and of one that
 * has such an apostrophe of its own: whoever takes one away from every cell that begins with it has the text back.
 */
function guarded(text: string): string {
  return /^['\s\ufeff]*[=+\-@＝＋－＠|%]|^['\t\r\n]/.test(text) ? `'${text}` : text
}

function quoted(text: string, delimiter: string): string {
  const plain =
    !text.includes('"') && !text.includes(delimiter) && !/[\r\n]/.test(text) && text.trim() === text
  return plain ? text : `"${text.replaceAll('"', '""')}"`
}
