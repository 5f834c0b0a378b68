/** Amounts as people type them, in any of the usual notations, to minor units. */
import { currencyDigits } from './money.ts'

/**
 * Reads "1,234.50", "1.234,50", "1 234,50", "1'234.50", "(12.00)", "-12" and "12,00-" into minor units; null when the
 * text is no amount, has more decimals than the currency, or is beyond exact integers. A single separator before
 * exactly three digits is read as the locale reads it.
 */
export function parseAmount(text: string, currency: string, locale = ''): number | null {
  const sign = takeSign(text.trim())
  if (sign === null) return null
  const parts = splitDecimals(sign.rest, currencyDigits(currency), locale)
  if (parts === null) return null
  const digits = currencyDigits(currency)
  if (parts.fraction.length > digits) return null
  const minor = Number(parts.whole + parts.fraction.padEnd(digits, '0'))
  if (!Number.isSafeInteger(minor)) return null
  return sign.negative && minor !== 0 ? -minor : minor
}

function takeSign(text: string): { negative: boolean; rest: string } | null {
  const bare = text.replace(/[\s\u00a0\u202f'’]/g, '').replace(/[\u2212\u2013]/g, '-')
  const brackets = /^\((.+)\)$/.exec(bare)
  const rest = (brackets?.[1] ?? bare).replace(/^[-+]|[-]$/, '')
  const negative = brackets !== null || /^-|-$/.test(bare)
  if (brackets !== null && /^[-+]|-$/.test(brackets[1] ?? '')) return null
  return /^[\d.,]+$/.test(rest) ? { negative, rest } : null
}

interface Parts {
  readonly whole: string
  readonly fraction: string
}

function splitDecimals(text: string, digits: number, locale: string): Parts | null {
  const point = decimalMark(text, digits, locale)
  const at = point === null ? -1 : text.lastIndexOf(point)
  const whole = at < 0 ? text : text.slice(0, at)
  const fraction = at < 0 ? '' : text.slice(at + 1)
  if (/[.,]/.test(fraction)) return null
  const group = point === '.' ? ',' : point === ',' ? '.' : /[.,]/.exec(whole)?.[0]
  if (!isGrouped(whole, group)) return null
  return { whole: group === undefined ? whole : whole.replaceAll(group, ''), fraction }
}

/** Which of the two marks separates the decimals here, if any does. */
function decimalMark(text: string, digits: number, locale: string): '.' | ',' | null {
  const marks = text.match(/[.,]/g) ?? []
  const last = marks.at(-1)
  if (last === undefined) return null
  const mark = last === '.' ? '.' : ','
  if (new Set(marks).size === 2) return mark
  if (marks.length > 1) return null
  const after = text.length - text.indexOf(mark) - 1
  if (after !== 3) return mark
  if (digits === 3) return mark
  return localeMark(locale) === mark ? mark : null
}

function localeMark(locale: string): string {
  const parts = new Intl.NumberFormat(locale === '' ? undefined : locale).formatToParts(1.5)
  return parts.find((part) => part.type === 'decimal')?.value ?? '.'
}

function isGrouped(whole: string, group: string | undefined): boolean {
  if (whole === '') return true // ".50"
  if (group === undefined || !whole.includes(group)) return /^\d+$/.test(whole)
  const escaped = group === '.' ? '\\.' : ','
  // Groups of three, or the Indian 12,34,567.
  return new RegExp(`^\\d{1,3}(${escaped}\\d{2,3})*${escaped}\\d{3}$`).test(whole)
}
