/** A custom value as a person types it: taken in the usual notations, refused in words. */
import type { FieldHint } from '../../src-shared/ipc/common.ts'
import { isIsoDate } from '../../src-shared/model/dates.ts'
import { currencyDigits, formatMinor, isDecimal, minorToDecimal } from '../../src-shared/model/money.ts'
import { parseAmount } from '../../src-shared/model/parse-amount.ts'
import { currencyOf, isEmpty, type ValueContext } from './field-value.ts'

export type Parsed =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string }

const refuse = (message: string): Parsed => ({ ok: false, message })
const accept = (value: unknown): Parsed => ({ ok: true, value })

/** Lines and nested objects are taken from a side; only single values are typed. */
export function canType(hint: FieldHint): boolean {
  return hint.type !== 'lines' && hint.type !== 'object'
}

/** @param like a value the field has on one of the sides; its form (a time after the date, text or number) is kept. */
export function parseValue(text: string, hint: FieldHint, context: ValueContext, like?: unknown): Parsed {
  if (hint.type === 'text') return accept(text)
  const trimmed = text.trim()
  if (trimmed === '') return accept(null)
  switch (hint.type) {
    case 'money':
      return parseMoney(trimmed, context)
    case 'number':
    case 'decimal':
      return parseDecimal(trimmed, hint.type === 'number' && typeof like !== 'string', context)
    case 'date':
      return parseDay(trimmed, context, like)
    case 'boolean':
      return parseBoolean(trimmed)
    case 'choice':
      return parseChoice(trimmed, hint)
    default:
      return refuse('Lines are taken from one side; edit them in the record.')
  }
}

/** The text a custom value starts from: what was formatted can be typed back. */
export function editText(value: unknown, hint: FieldHint, context: ValueContext): string {
  if (isEmpty(value)) return ''
  if (hint.type === 'date') return String(value).slice(0, 10)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const mark = decimalMark(context.locale)
  if (hint.type === 'money' && Number.isSafeInteger(value)) {
    return minorToDecimal(Number(value), currencyOf(context)).replace('.', mark)
  }
  return hint.type === 'number' || hint.type === 'decimal' ? String(value).replace('.', mark) : String(value)
}

function decimalMark(locale: string | undefined): string {
  const parts = new Intl.NumberFormat(locale || undefined).formatToParts(1.5)
  return parts.find((part) => part.type === 'decimal')?.value ?? '.'
}

function parseMoney(text: string, context: ValueContext): Parsed {
  const currency = currencyOf(context)
  const minor = parseAmount(text, currency, context.locale)
  if (minor !== null) return accept(minor)
  const example = formatMinor(3438 * 10 ** (currencyDigits(currency) - 2), currency, context.locale)
  return refuse(`Not an amount${context.currency ? ` in ${currency}` : ''}. Type it as ${example}.`)
}

function parseDecimal(text: string, asNumber: boolean, { locale }: ValueContext): Parsed {
  const mark = decimalMark(locale)
  const bare = text.replace(/^[−–]/, '-').replace(/[\s'’\u00a0\u202f]/g, '')
  const ungrouped =
    mark === ',' ? bare.replace(/\.(?=\d{3}(\D|$))/g, '') : bare.replace(/,(?=\d{3}(\D|$))/g, '')
  const plain = ungrouped.replace(',', '.')
  if (!isDecimal(plain)) return refuse('Not a number. Type digits only.')
  return accept(asNumber ? Number(plain) : plain)
}

function parseBoolean(text: string): Parsed {
  if (/^(yes|y|true|1)$/i.test(text)) return accept(true)
  return /^(no|n|false|0)$/i.test(text) ? accept(false) : refuse('Type yes or no.')
}

function parseChoice(text: string, hint: FieldHint): Parsed {
  const choice = hint.choices?.find((known) => known.toLowerCase() === text.toLowerCase())
  if (!hint.choices || choice !== undefined) return accept(choice ?? text)
  return refuse(`Choose one of: ${hint.choices.join(', ')}.`)
}

/** The year first, or day and month in the reader's order. */
function parseDay(text: string, { locale }: ValueContext, like: unknown): Parsed {
  const numbers = text.match(/\d+/g) ?? []
  const order = /^\d{4}/.test(text) ? ['year', 'month', 'day'] : dayOrder(locale)
  const part = (name: string, width: number): string =>
    (numbers[order.indexOf(name)] ?? '').padStart(width, '0')
  const date = `${part('year', 4)}-${part('month', 2)}-${part('day', 2)}`
  if (numbers.length !== 3 || !isIsoDate(date) || date < '1000')
    return refuse('Not a date. Type it as 2026-05-31.')
  const time = typeof like === 'string' ? like.slice(10) : ''
  return accept(date + time)
}

function dayOrder(locale: string | undefined): string[] {
  const parts = new Intl.DateTimeFormat(locale || undefined).formatToParts(0).map((part) => part.type)
  return parts.filter((type) => type !== 'literal')
}
