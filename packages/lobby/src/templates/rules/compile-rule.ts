/** Rules of a template as plain functions, fast enough to run over every record of a plan. */
import { lineAmount, wholeMinor } from '../amounts.ts'
import { periodOfDate } from '../dates.ts'
import { reader, valueAt } from '../field-values.ts'
import type { CollectionTemplate, Rule } from '../format.ts'

export interface Broken {
  readonly rule: string
  /** The template's own words, for people. */
  readonly message: string
  /** Where it shows: the field that should be another, or the whole record. */
  readonly path: string
}

/** What a check may ask about the vault; a rule that needs what is not given does not judge. */
export interface RuleContext {
  /** Whether a period ("2026-05") is closed. */
  readonly isClosed?: (period: string) => boolean
}

/** The fault, or null where the rule holds or does not apply. */
export type Check = (record: unknown, context: RuleContext) => Broken | null

/** Null for a rule that only the worker can judge. */
export function compileRule(rule: Rule, collection: CollectionTemplate): Check | null {
  const applies = condition(rule)
  const judge = judgeOf(rule, collection)
  if (judge === null) return null
  const { name, message } = rule
  return (record, context) => {
    const path = applies(record) ? judge(record, context) : null
    return path === null ? null : { rule: name, message, path }
  }
}

/** Whether a rule speaks about this record. */
export function condition({ when = [], unless = [] }: Rule): (record: unknown) => boolean {
  const needed = when.map(reader)
  const excluded = unless.map(reader)
  return (record) =>
    needed.every((read) => read(record).length > 0) && !excluded.some((read) => read(record).length > 0)
}

/** The path at which the rule is broken, or null. */
type Judge = (record: unknown, context: RuleContext) => string | null

function judgeOf(rule: Rule, { period }: CollectionTemplate): Judge | null {
  switch (rule.rule) {
    case 'sum': {
      const parts = sumOf(rule.parts)
      return (record) => {
        const total = valueAt(record, rule.equals)
        return total === undefined || parts(record) === total ? null : rule.equals
      }
    }
    case 'balance': {
      const [debit, credit] = [sumOf(rule.debit), sumOf(rule.credit)]
      return (record) => {
        const left = debit(record)
        return left !== null && left === credit(record) ? null : ''
      }
    }
    case 'order':
      return (record) => {
        const [first, then] = [valueAt(record, rule.first), valueAt(record, rule.then)]
        return typeof first === 'string' && typeof then === 'string' && first > then ? rule.then : null
      }
    case 'line-amount':
      return (record) => wrongLine(rule, record)
    case 'period-open':
      return (record, { isClosed }) => {
        const of = period === undefined ? null : periodOfDate(valueAt(record, period))
        return of !== null && isClosed?.(of) === true ? (period ?? '') : null
      }
    case 'expression':
      return null
  }
}

/** Null where a part is no whole number of minor units: such a sum equals nothing. */
function sumOf(paths: readonly string[]): (record: unknown) => number | null {
  const readers = paths.map(reader)
  return (record) => {
    let sum = 0
    for (const read of readers) {
      for (const part of read(record)) {
        if (typeof part !== 'number') return null
        sum += part
      }
    }
    return Number.isSafeInteger(sum) ? sum : null
  }
}

type LineRule = Extract<Rule, { rule: 'line-amount' }>

function wrongLine(rule: LineRule, record: unknown): string | null {
  const lines = valueAt(record, rule.list)
  const currency = valueAt(record, rule.currency)
  if (!Array.isArray(lines) || typeof currency !== 'string') return null
  const at = lines.findIndex((line: unknown) => !lineHolds(rule, line, currency))
  return at === -1 ? null : `${rule.list}.${at}.${rule.amount}`
}

function lineHolds(rule: LineRule, line: unknown, currency: string): boolean {
  const text = (path: string): unknown => valueAt(line, path)
  const quantity = text(rule.quantity)
  const price = text(rule.price)
  const discount = (rule.discount === undefined ? undefined : text(rule.discount)) ?? '0'
  // The schema speaks about fields that are missing or of the wrong kind.
  if (typeof quantity !== 'string' || typeof price !== 'string' || typeof discount !== 'string') return true
  try {
    return lineAmount({ quantity, price, discount, currency }) === wholeMinor(text(rule.amount))
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
