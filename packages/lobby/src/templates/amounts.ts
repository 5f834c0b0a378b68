/**
 * Amounts as templates hold them: integers of minor units, and decimal texts for quantities, prices and rates. Products go
 * through decimal.js, half away from zero; nothing passes through a binary float. The console's own model states the same
 * for screens, which import no package; a test compares the two.
 */
import { Decimal } from 'decimal.js'

/** Room for any product of two amounts. */
const Exact = Decimal.clone({ precision: 40, rounding: Decimal.ROUND_HALF_UP, defaults: true })

export const currencyPattern = /^[A-Z]{3}$/

/** ISO 4217 exceptions to two decimals. */
const digitsOf: Readonly<Record<string, number>> = {
  ...withDigits(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...withDigits(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...withDigits(4, 'CLF UYW'),
}

function withDigits(digits: number, codes: string): Record<string, number> {
  return Object.fromEntries(codes.split(' ').map((code) => [code, digits]))
}

/** Decimal places of a currency's minor unit. @throws RangeError for a text that is no currency code */
export function currencyDigits(currency: string): number {
  if (!currencyPattern.test(currency)) throw new RangeError(`"${currency}" is no currency code.`)
  return digitsOf[currency] ?? 2
}

/** Digits, at most one point, no exponent. */
export function isDecimal(text: string): boolean {
  return text.length <= 64 && /^-?\d+(\.\d+)?$/.test(text)
}

/** @throws RangeError for a text that is no decimal number */
export function decimalOf(text: string): Decimal {
  if (!isDecimal(text)) throw new RangeError(`"${text}" is no decimal number.`)
  return new Exact(text)
}

/** Without exponent and without trailing zeros beyond what `places` asks for. */
export function decimalText(value: Decimal, places?: number): string {
  const text = places === undefined ? value.toFixed() : value.toDecimalPlaces(places).toFixed(places)
  if (!isDecimal(text)) throw new RangeError('The result has too many digits.')
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text
}

/** Minor units of a decimal amount of money, rounded half away from zero. @throws RangeError */
export function minorOf(amount: Decimal, currency: string): number {
  return wholeMinor(
    amount
      .times(new Exact(10).pow(currencyDigits(currency)))
      .round()
      .toNumber(),
  )
}

/** The decimal amount that so many minor units are. @throws RangeError */
export function amountOf(minor: number, currency: string): Decimal {
  return new Exact(wholeMinor(minor)).div(new Exact(10).pow(currencyDigits(currency)))
}

/** Minor units of a share of an amount, such as VAT. @throws RangeError */
export function shareOf(minor: number, rate: string): number {
  return wholeMinor(decimalOf(rate).times(wholeMinor(minor)).round().toNumber())
}

/** Quantity × price × (1 − discount) in minor units. @throws RangeError */
export function lineAmount(line: {
  quantity: string
  price: string
  discount: string
  currency: string
}): number {
  const rest = new Exact(1).minus(decimalOf(line.discount))
  return minorOf(decimalOf(line.quantity).times(decimalOf(line.price)).times(rest), line.currency)
}

/** @throws RangeError where the amount is no exact integer */
export function wholeMinor(minor: unknown): number {
  if (typeof minor !== 'number' || !Number.isSafeInteger(minor))
    throw new RangeError('The amount is no whole number of minor units.')
  return minor === 0 ? 0 : minor // never -0
}
