/** Values of cells: numbers as their decimal text, days as ISO dates, never through a binary float where digits would go. */
import { Decimal } from 'decimal.js'
import type { Cell } from '../source/types.ts'
import type { Workbook } from './workbook.ts'

export interface RawCell {
  readonly type: string
  readonly format: number
  /** Of `v`, or the inline text. */
  readonly value: string
}

/** Null for an empty cell; a formula counts with the value stored for it. */
export function cellValue({ type, format, value }: RawCell, book: Workbook): Cell {
  if (value === '' && type !== 'inlineStr') return null
  switch (type) {
    case 's':
      return book.texts[Number(value)] ?? null
    case 'b':
      return value === '1'
    case 'inlineStr':
    case 'str':
    case 'd':
    case 'e':
      return value
    default:
      return book.isDate[format] === true ? (dayOf(value, book.from1904) ?? value) : decimalTextOf(value)
  }
}

/** Spreadsheets store 0.1 + 0.2 with seventeen digits; fifteen is what they show and mean. */
function decimalTextOf(value: string): string {
  if (!/^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(value)) return value
  return new Decimal(value).toSignificantDigits(15).toFixed()
}

const DAY_MS = 86_400_000

/** A day that was not there, 1900-02-29, is counted by the older scheme; the days before it are off by one. */
function dayOf(value: string, from1904: boolean): string | null {
  const serial = Math.floor(Number(value))
  if (!Number.isFinite(serial) || serial < 1 || serial > 2_958_465) return null
  const epoch = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, serial < 60 ? 31 : 30)
  return new Date(epoch + serial * DAY_MS).toISOString().slice(0, 10)
}

/** "BC23" -> 54; null for what names no cell. */
export function columnIndex(reference: string): number | null {
  const letters = /^([A-Z]{1,3})\d{1,7}$/.exec(reference)?.[1]
  if (letters === undefined) return null
  return Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
}
