/**
 * Money is an integer count of minor units plus an ISO 4217 currency; quantities, unit prices and rates are decimal
 * strings. Nothing here passes an amount through a binary float: products go through decimal.js, sums stay integers.
 */
import { Decimal } from 'decimal.js'

export type Negatives = 'minus' | 'parentheses'

/** Half away from zero, with room for any product of two amounts. */
const Exact = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_UP, defaults: true })

// ISO 4217 exceptions to two decimals. Intl is not asked: its tables follow usage (IQD 0), not the standard (IQD 3).
const digitsByCurrency: ReadonlyMap<string, number> = new Map([
  ...withDigits(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...withDigits(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...withDigits(4, 'CLF UYW'),
])

function withDigits(digits: number, codes: string): [string, number][] {
  return codes.split(' ').map((code) => [code, digits])
}

/** Decimal places of a currency's minor unit. */
export function currencyDigits(currency: string): number {
  return digitsByCurrency.get(currency) ?? 2
}

const decimalPattern = /^-?\d+(\.\d+)?$/

/** Whether a text is a decimal number as templates store it: digits, at most one point, no exponent. */
export function isDecimal(text: string): boolean {
  return text.length <= 64 && decimalPattern.test(text)
}

export interface PricedLine {
  readonly quantity: string
  readonly unitPrice: string
  /** Share taken off: "0.05" is five percent. */
  readonly discount?: string | undefined
}

/** Minor units of quantity × unit price × (1 − discount), rounded half away from zero. @throws RangeError */
export function lineAmount(line: PricedLine, currency: string): number {
  const rest = new Exact(1).minus(decimalOf(line.discount ?? '0'))
  const amount = decimalOf(line.quantity).times(decimalOf(line.unitPrice)).times(rest)
  return safe(toMinorDecimal(amount, currency).toNumber())
}

/** Minor units of a share of an amount, such as VAT: rounded half away from zero. @throws RangeError */
export function shareOf(minor: number, rate: string): number {
  return safe(new Exact(safe(minor)).times(decimalOf(rate)).round().toNumber())
}

/** Sum of minor units. @throws RangeError when a part or the sum is no exact integer. */
export function sumMinor(parts: readonly number[]): number {
  return parts.reduce((sum, part) => safe(sum + safe(part)), 0)
}

/** "1,234.50" in the reader's language, without the currency; an empty locale is the system's. */
export function formatMinor(
  minor: number,
  currency: string,
  locale = '',
  negatives: Negatives = 'minus',
): string {
  const digits = currencyDigits(currency)
  const format = new Intl.NumberFormat(locale === '' ? undefined : locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  const text = (value: number): string => format.format(exactText(value, digits))
  return minor < 0 && negatives === 'parentheses' ? `(${text(-minor)})` : text(minor)
}

/** Minor units as a plain decimal text with a point: 123450 EUR -> "1234.50". */
export function minorToDecimal(minor: number, currency: string): string {
  return exactText(minor, currencyDigits(currency))
}

function exactText(minor: number, digits: number): Intl.StringNumericLiteral {
  // toFixed of decimal.js never uses an exponent, so the text is a numeric literal as Intl wants it.
  return new Exact(minor).div(new Exact(10).pow(digits)).toFixed(digits) as Intl.StringNumericLiteral
}

function toMinorDecimal(amount: Decimal, currency: string): Decimal {
  return amount.times(new Exact(10).pow(currencyDigits(currency))).round()
}

function decimalOf(text: string): Decimal {
  if (!isDecimal(text)) throw new RangeError(`"${text}" is no decimal number.`)
  return new Exact(text)
}

function safe(minor: number): number {
  if (!Number.isSafeInteger(minor)) throw new RangeError('The amount is no whole number of minor units.')
  return minor === 0 ? 0 : minor // never -0
}
