/** How a field's value reads to a person, and how far two values are apart. Exact: nothing passes through a float. */
import type { FieldHint } from '../../src-shared/ipc/common.ts'
import { daysBetween, formatDate, isIsoDate } from '../../src-shared/model/dates.ts'
import { formatMinor, isDecimal, type Negatives } from '../../src-shared/model/money.ts'

export interface ValueContext {
  /** BCP 47 tag; empty = the system's. */
  readonly locale?: string | undefined
  readonly negatives?: Negatives | undefined
  readonly currency?: string | null | undefined
}

export function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === ''
}

export function isNumeric(hint: FieldHint): boolean {
  return hint.type === 'money' || hint.type === 'number' || hint.type === 'decimal'
}

/** ISO 4217's code for "no currency" has two decimals here, as most currencies do. */
export function currencyOf(context: ValueContext): string {
  return context.currency ?? 'XXX'
}

/** How a value reads in a cell; the currency stands beside the field's label, not in every cell. */
export function formatValue(value: unknown, hint: FieldHint, context: ValueContext): string {
  if (isEmpty(value)) return hint.type === 'lines' || hint.type === 'object' ? 'not there' : 'empty'
  if (hint.type === 'money' && Number.isSafeInteger(value)) return formatMoney(Number(value), context)
  if (isNumeric(hint) && isDecimal(String(value))) return formatDecimal(String(value), context)
  if (hint.type === 'date' && typeof value === 'string') return formatDay(value, context)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'object' && value !== null) return describeObject(value)
  return String(value)
}

const minus = (text: string): string => text.replace('-', '−')

function formatMoney(minor: number, context: ValueContext): string {
  return minus(formatMinor(minor, currencyOf(context), context.locale, context.negatives))
}

function formatDecimal(value: string, { locale }: ValueContext): string {
  const digits = Math.min(20, value.split('.')[1]?.length ?? 0)
  const format = new Intl.NumberFormat(locale || undefined, {
    minimumFractionDigits: digits,
    maximumFractionDigits: 20,
  })
  // A decimal text is a numeric literal, and Intl keeps all its digits.
  return minus(format.format(value as Intl.StringNumericLiteral))
}

/** A day; a time after it is shown only when it says something. */
function formatDay(value: string, { locale }: ValueContext): string {
  const time = value.slice(11, 16)
  const day = formatDate(value.slice(0, 10), locale)
  return time === '' || time === '00:00' ? day : `${day}, ${time}`
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return value.length === 1 ? '1 line' : `${value.length} lines`
  return Object.entries(value)
    .map(([key, part]) => `${key} ${isEmpty(part) ? '–' : String(part)}`)
    .join(', ')
}

/** Signed distance between two values of a typed field: "+2.00", "−3 days"; null where a distance says nothing. */
export function formatDelta(
  from: unknown,
  to: unknown,
  hint: FieldHint,
  context: ValueContext,
): string | null {
  if (isEmpty(from) || isEmpty(to)) return null
  if (hint.type === 'date') return dateDelta(String(from).slice(0, 10), String(to).slice(0, 10))
  if (!isNumeric(hint) || !isDecimal(String(from)) || !isDecimal(String(to))) return null
  const digits = Math.max(fractionDigits(from), fractionDigits(to))
  const distance = scaled(to, digits) - scaled(from, digits)
  if (distance === 0n) return null
  const size = distance < 0n ? -distance : distance
  const plain = { ...context, negatives: 'minus' } as const
  const text =
    hint.type === 'money' ? formatMoney(Number(size), plain) : formatDecimal(unscaled(size, digits), plain)
  return (distance < 0n ? '−' : '+') + text
}

function dateDelta(from: string, to: string): string | null {
  if (!isIsoDate(from) || !isIsoDate(to) || from === to) return null
  const days = daysBetween(from, to)
  return `${days < 0 ? '−' : '+'}${Math.abs(days)} ${Math.abs(days) === 1 ? 'day' : 'days'}`
}

function fractionDigits(value: unknown): number {
  return String(value).split('.')[1]?.length ?? 0
}

function scaled(value: unknown, digits: number): bigint {
  const [whole = '', fraction = ''] = String(value).split('.')
  return BigInt(whole + fraction.padEnd(digits, '0'))
}

function unscaled(size: bigint, digits: number): string {
  const text = size.toString().padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}
