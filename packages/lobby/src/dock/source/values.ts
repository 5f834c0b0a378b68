/** Numbers and dates as people write them: how a text may be read, and its plain form. Nothing becomes a binary float. */
import { isIsoDate } from '../../templates/dates.ts'
import type { DateOrder } from './types.ts'

/** Groups of three by blank, apostrophe, or the mark that is not the decimal one. */
const numberForms = {
  '.': /^[-+]?(?:\d{1,3}(?:[,' \u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?$/,
  ',': /^[-+]?(?:\d{1,3}(?:[.' \u00a0\u202f]\d{3})+|\d+)(?:,\d+)?$/,
} as const

export type DecimalMark = keyof typeof numberForms

const MAX_DIGITS = 40

/** "-1.234,50" with "," is "-1234.50"; "(5.00)" and "5.00-" are negative. Null for what is no number so written. */
export function plainDecimal(text: string, mark: DecimalMark): string | null {
  const [inner, negative] = signed(text.trim())
  if (inner.length > MAX_DIGITS || !numberForms[mark].test(inner)) return null
  const [whole = '', fraction] = inner.replace(/^\+/, '').split(mark)
  const digits = whole.replaceAll(/[^\d-]/g, '')
  const plain = fraction === undefined ? digits : `${digits}.${fraction}`
  return negative ? (plain.startsWith('-') ? null : `-${plain}`) : plain
}

function signed(text: string): [inner: string, negative: boolean] {
  const accounting = /^\((.*)\)$/.exec(text) ?? /^([^-+].*)-$/.exec(text)
  return accounting === null ? [text, false] : [(accounting[1] ?? '').trim(), true]
}

/** Readings of a text as a number. */
export function decimalMarks(text: string): readonly DecimalMark[] {
  return (['.', ','] as const).filter((mark) => plainDecimal(text, mark) !== null)
}

const orderOfParts: Record<DateOrder, readonly [year: number, month: number, day: number]> = {
  ymd: [0, 1, 2],
  dmy: [2, 1, 0],
  mdy: [2, 0, 1],
}

/** "04.07.1996" as dmy is "1996-07-04"; a time behind it is left out. Null for what is no such day. */
export function plainDate(text: string, order: DateOrder): string | null {
  const parts = datePartsOf(text.trim())
  if (parts === null) return null
  const [year, month, day] = orderOfParts[order].map((at) => parts[at] ?? '')
  if (year?.length !== 4 || month === undefined || day === undefined) return null
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  return isIsoDate(date) ? date : null
}

function datePartsOf(text: string): readonly string[] | null {
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(text)
  const written =
    /^(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.exec(
      text,
    )
  if (compact !== null) return compact.slice(1)
  return written === null ? null : [written[1] ?? '', written[3] ?? '', written[4] ?? '']
}

/** Readings of a text as a date. Eight digits alone are taken for a number first; see `describeColumn`. */
export function dateOrders(text: string): readonly DateOrder[] {
  return (['ymd', 'dmy', 'mdy'] as const).filter((order) => plainDate(text, order) !== null)
}
