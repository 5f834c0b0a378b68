/** What stands in a cell, whatever the file: told by the template where it describes the field, else by the value. */
import { Decimal } from 'decimal.js'
import { amountOf, currencyDigits, currencyPattern, decimalText, isDecimal } from '../templates/amounts.ts'
import type { CompiledCollection } from '../templates/compile.ts'
import { isIsoDate } from '../templates/dates.ts'
import { currencyOf } from '../templates/display.ts'
import { valueAt } from '../templates/field-values.ts'
import type { FieldHint } from '../templates/format.ts'

type Body = Readonly<Record<string, unknown>>

/** Null is an empty cell. */
export type ExportCell =
  | null
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** A day, YYYY-MM-DD. */
  | { readonly kind: 'date'; readonly day: string }
  | { readonly kind: 'number'; readonly value: number }
  /** Digits and at most one point; `places` are those that are shown. */
  | { readonly kind: 'decimal'; readonly text: string; readonly places: number }
  | { readonly kind: 'amount'; readonly text: string; readonly places: number; readonly currency: string }

/** Where a column's values stand, and what the template says of them. */
export interface ColumnOrigin {
  readonly path: string
  readonly hint: FieldHint | null
  readonly collection: CompiledCollection | undefined
}

export function cellOf(record: Body, { path, hint, collection }: ColumnOrigin): ExportCell {
  // A name with a dot in it may be a field of its own.
  const value = Object.hasOwn(record, path) ? record[path] : valueAt(record, path)
  if (value === undefined || value === null || value === '') return null
  if (hint?.type === 'money' && typeof value === 'number') {
    const currency =
      hint.currencyPath === undefined ? currencyOf(collection, record) : valueAt(record, hint.currencyPath)
    return amountCell(value, currency)
  }
  if (hint?.type === 'date' && typeof value === 'string' && isIsoDate(value))
    return { kind: 'date', day: value }
  if (hint?.type === 'decimal' && typeof value === 'string' && isDecimal(value)) return decimalCell(value)
  return plainCell(value)
}

/** As its own type says; lists and objects as JSON. */
export function plainCell(value: unknown): ExportCell {
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'boolean') return { kind: 'boolean', value }
  if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'number', value }
  return { kind: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }
}

/** An amount without a currency says so: as a number it would be taken for whole units. */
function amountCell(minor: number, currency: unknown): ExportCell {
  if (!Number.isSafeInteger(minor)) return plainCell(minor)
  if (typeof currency !== 'string' || !currencyPattern.test(currency))
    return { kind: 'text', text: `${minor} minor units` }
  const places = currencyDigits(currency)
  return { kind: 'amount', text: decimalText(amountOf(minor, currency), places), places, currency }
}

function decimalCell(text: string): ExportCell {
  return { kind: 'decimal', text, places: text.split('.')[1]?.length ?? 0 }
}

/** Sums that lose nothing: totals of amounts by currency. */
export class Totals {
  readonly #sums = new Map<string, Decimal>()

  add(cell: ExportCell): void {
    if (cell?.kind !== 'amount') return
    this.#sums.set(cell.currency, (this.#sums.get(cell.currency) ?? new Decimal(0)).plus(cell.text))
  }

  /** By currency. */
  amounts(): Extract<ExportCell, { kind: 'amount' }>[] {
    return [...this.#sums].sort().map(([currency, sum]) => {
      const places = currencyDigits(currency)
      return { kind: 'amount', text: decimalText(sum, places), places, currency }
    })
  }
}
