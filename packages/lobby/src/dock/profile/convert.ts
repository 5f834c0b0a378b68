/** One field of one row, converted as its profile says. Nothing is guessed and nothing is rounded: what does not fit is a fault. */
import { amountOf, currencyPattern, decimalOf, minorOf } from '../../templates/amounts.ts'
import { plainDate, plainDecimal, type DecimalMark } from '../source/values.ts'
import type { Cell, Cells } from '../source/types.ts'
import type { CellConversion } from './conversion.ts'
import type { MappingProfile } from './schema.ts'

/** `undefined` = nothing stands there. */
export type Converted =
  { readonly value: Cell | undefined; readonly fault?: undefined } | { readonly fault: string }

const NOTHING: Converted = { value: undefined }

export function convert(from: CellConversion, cells: Cells, profile: MappingProfile): Converted {
  if (from.as === 'constant') return { value: from.value }
  if (from.as === 'join') return join(from, cells, profile)
  const cell = Object.hasOwn(cells, from.column) ? cells[from.column] : undefined
  if (from.as === 'value') return { value: cell ?? undefined }
  const text = plainText(cell, profile)
  if (text === null) return { fault: 'It holds a list or an object.' }
  return text === '' ? NOTHING : convertText(from, text, cells, profile)
}

type TextConversion = Exclude<CellConversion, { as: 'constant' | 'join' | 'value' }>

function convertText(from: TextConversion, text: string, cells: Cells, profile: MappingProfile): Converted {
  switch (from.as) {
    case 'text':
      return { value: text }
    case 'decimal':
      return known(plainDecimal(text, from.mark), `"${shown(text)}" is no number.`)
    case 'integer':
      return integer(text, from.mark)
    case 'minor':
      return minor(from, text, cells, profile)
    case 'date':
      return known(plainDate(text, from.order), `"${shown(text)}" is no day as ${from.order}.`)
    case 'boolean':
      return yesOrNo(from, text)
  }
}

/** Null where no plain value stands; empty where nothing does. */
export function plainText(cell: Cell | undefined, { emptyWords }: MappingProfile): string | null {
  if (cell === undefined || cell === null) return ''
  if (typeof cell === 'object') return null
  const text = String(cell).trim()
  return emptyWords.includes(text) ? '' : text
}

function known(value: string | null, fault: string): Converted {
  return value === null ? { fault } : { value }
}

function integer(text: string, mark: DecimalMark): Converted {
  const value = Number(plainDecimal(text, mark) ?? 'none')
  return Number.isSafeInteger(value) ? { value } : { fault: `"${shown(text)}" is no whole number.` }
}

function minor(
  { mark, currency }: Extract<CellConversion, { as: 'minor' }>,
  text: string,
  cells: Cells,
  profile: MappingProfile,
): Converted {
  const code = 'code' in currency ? currency.code : plainText(cells[currency.column], profile)
  if (code === null || !currencyPattern.test(code)) return { fault: `"${shown(code ?? '')}" is no currency.` }
  const plain = plainDecimal(text, mark)
  if (plain === null) return { fault: `"${shown(text)}" is no amount.` }
  try {
    const value = minorOf(decimalOf(plain), code)
    const isExact = amountOf(value, code).equals(decimalOf(plain))
    return isExact ? { value } : { fault: `${plain} has more decimals than ${code} has.` }
  } catch (error) {
    if (error instanceof RangeError) return { fault: `${shown(text)} is too large an amount.` }
    throw error
  }
}

function yesOrNo({ yes, no }: Extract<CellConversion, { as: 'boolean' }>, text: string): Converted {
  const has = (words: readonly string[]): boolean =>
    words.some((word) => word.toLowerCase() === text.toLowerCase())
  if (has(yes)) return { value: true }
  return has(no) ? { value: false } : { fault: `"${shown(text)}" is neither yes nor no.` }
}

function join(
  from: Extract<CellConversion, { as: 'join' }>,
  cells: Cells,
  profile: MappingProfile,
): Converted {
  const texts = from.columns.map((column) => plainText(cells[column], profile))
  if (texts.includes(null)) return { fault: 'A part holds a list or an object.' }
  const value = texts.filter((text) => text !== '').join(from.separator)
  return value === '' ? NOTHING : { value }
}

export function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
