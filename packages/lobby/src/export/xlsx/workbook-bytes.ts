/**
 * Tables as a workbook of typed cells. A text is a text whatever it begins with, so no cell can be taken for a formula;
 * a number that a spreadsheet would round is written as text.
 */
import { writeXlsx, type Cell, type CellValue, type WriteSheet } from 'hucre/xlsx'
import { LobbyError } from '../../errors.ts'
import type { ExportCell } from '../cells.ts'
import { exportLimits } from '../limits.ts'

export interface SheetTable {
  readonly name: string
  readonly headings: readonly string[]
  readonly rows: readonly (readonly ExportCell[])[]
  readonly widths?: ReadonlyArray<number | undefined>
}

/** Runs to its end on the thread it is called on. @throws LobbyError EXPORT_LIMIT for a text that fits no cell */
export async function workbookBytes(tables: readonly SheetTable[]): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await writeXlsx({ sheets: tables.map(sheetOf) }))
}

function sheetOf({ name, headings, rows, widths = [] }: SheetTable): WriteSheet {
  const formats = new Map<string, Partial<Cell>>()
  for (const at of headings.keys()) formats.set(`0,${at}`, HEADING)
  const values = rows.map((row, rowAt) =>
    row.map((cell, at) => {
      const { value, format } = sheetCell(cell, name)
      if (format !== undefined) formats.set(`${rowAt + 1},${at}`, { value, style: styleOf(format) })
      return value
    }),
  )
  const columns = headings.map((_, at) => (widths[at] === undefined ? {} : { width: widths[at] }))
  const head = headings.map((heading) => textValue(heading, name))
  const freezePane = { rows: 1 }
  return { name, columns, rows: [head, ...values], cells: formats, freezePane }
}

const HEADING: Partial<Cell> = { style: { font: { bold: true } } }
const DATE_FORMAT = 'yyyy-mm-dd'
/** Doubles hold 15 digits of any decimal number. */
const EXACT_DIGITS = 15
/** Days before are numbered differently by different programs. */
const FIRST_DAY = '1900-03-01'

interface SheetCell {
  readonly value: CellValue
  readonly format?: string
}

function sheetCell(cell: ExportCell, sheet: string): SheetCell {
  switch (cell?.kind) {
    case undefined:
      return { value: null }
    case 'text':
      return { value: textValue(cell.text, sheet) }
    case 'boolean':
    case 'number':
      return { value: cell.value }
    case 'date':
      return cell.day < FIRST_DAY
        ? { value: cell.day }
        : { value: new Date(`${cell.day}T00:00:00Z`), format: DATE_FORMAT }
    case 'decimal':
    case 'amount':
      return isExact(cell.text)
        ? { value: Number(cell.text), format: numberFormat(cell.kind === 'amount', cell.places) }
        : { value: cell.text }
  }
}

function isExact(text: string): boolean {
  return text.replaceAll(/[-.]/g, '').replace(/^0+/, '').length <= EXACT_DIGITS
}

function numberFormat(grouped: boolean, places: number): string {
  return `${grouped ? '#,##0' : '0'}${places === 0 ? '' : `.${'0'.repeat(places)}`}`
}

const styles = new Map<string, { readonly numFmt: string }>()

function styleOf(numFmt: string): { readonly numFmt: string } {
  let style = styles.get(numFmt)
  if (style === undefined) styles.set(numFmt, (style = { numFmt }))
  return style
}

/**
 * Readers take `_x000D_` for the character of that code (ECMA-376 part 1, 22.9.2.19), so a text that looks like one is
 * escaped; a carriage return and what XML cannot hold are written that way.
 */
function textValue(text: string, sheet: string): string {
  if (text.length > exportLimits.sheetCellChars)
    throw tooMuch(
      `${text.length} characters in a cell of "${sheet}"; a cell holds ${exportLimits.sheetCellChars}`,
    )
  return text
    .replaceAll(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replaceAll(
      UNWRITABLE,
      (found) => `_x${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
    )
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const UNWRITABLE = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g

export function tooMuch(what: string): LobbyError {
  return new LobbyError('EXPORT_LIMIT', `There are ${what}.`)
}
