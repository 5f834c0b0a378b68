/**
 * What JSONata lacks for money: arithmetic on decimal texts and on integers of minor units, which never pass through a
 * binary float. A missing argument gives no result, as with JSONata's own functions.
 */
import { amountOf, decimalOf, decimalText, isDecimal, minorOf, shareOf, wholeMinor } from '../amounts.ts'

export interface ExpressionFunction {
  readonly name: string
  /** JSONata's notation for arguments and result. */
  readonly signature: string
  readonly run: (...args: never[]) => unknown
}

/** Decimal places that `$decimalDivide` keeps. */
const MOST_PLACES = 20

export const decimalFunctions: readonly ExpressionFunction[] = [
  { name: 'decimalAdd', signature: '<ss:s>', run: onTwo((a, b) => decimalText(a.plus(b))) },
  { name: 'decimalSubtract', signature: '<ss:s>', run: onTwo((a, b) => decimalText(a.minus(b))) },
  { name: 'decimalMultiply', signature: '<ss:s>', run: onTwo((a, b) => decimalText(a.times(b))) },
  { name: 'decimalCompare', signature: '<ss:n>', run: onTwo((a, b) => a.comparedTo(b)) },
  {
    name: 'decimalDivide',
    signature: '<ssn:s>',
    run: (a?: string, b?: string, places = 0) =>
      a === undefined || b === undefined ? undefined : quotient(a, b, places),
  },
  {
    name: 'decimalRound',
    signature: '<sn:s>',
    run: (a?: string, places = 0) =>
      a === undefined ? undefined : decimalText(decimalOf(a), checked(places)),
  },
  {
    name: 'isDecimal',
    signature: '<x:b>',
    run: (value: unknown) => typeof value === 'string' && isDecimal(value),
  },
  {
    name: 'toMinor',
    signature: '<ss:n>',
    run: (amount?: string, currency?: string) =>
      amount === undefined || currency === undefined ? undefined : minorOf(decimalOf(amount), currency),
  },
  {
    name: 'fromMinor',
    signature: '<ns:s>',
    run: (minor?: number, currency?: string) =>
      minor === undefined || currency === undefined ? undefined : decimalText(amountOf(minor, currency)),
  },
  {
    name: 'minorShare',
    signature: '<ns:n>',
    run: (minor?: number, rate?: string) =>
      minor === undefined || rate === undefined ? undefined : shareOf(minor, rate),
  },
  { name: 'minorSum', signature: '<a<n>:n>', run: minorSum },
]

export const decimalFunctionNames: readonly string[] = decimalFunctions.map(({ name }) => name)

type Decimal = ReturnType<typeof decimalOf>

function onTwo(work: (a: Decimal, b: Decimal) => string | number) {
  return (a?: string, b?: string) =>
    a === undefined || b === undefined ? undefined : work(decimalOf(a), decimalOf(b))
}

function quotient(a: string, b: string, places: number): string {
  const divisor = decimalOf(b)
  if (divisor.isZero()) throw new RangeError('A decimal is divided by zero.')
  return decimalText(decimalOf(a).div(divisor), checked(places))
}

function checked(places: number): number {
  if (!Number.isInteger(places) || places < 0 || places > MOST_PLACES)
    throw new RangeError(`Decimal places are a whole number up to ${MOST_PLACES}.`)
  return places
}

function minorSum(parts: readonly number[] = []): number {
  return parts.reduce((sum, part) => wholeMinor(sum + wholeMinor(part)), 0)
}
