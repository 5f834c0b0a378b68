/** Exact sums of declared fields: whole numbers of minor units and decimal texts, never through a binary float. */
import { Decimal } from 'decimal.js'
import type { VaultTemplate } from '../federation/types.ts'
import { isDecimal } from '../templates/amounts.ts'
import { reader } from '../templates/field-values.ts'

/** Room for the sum of a million of the longest amounts there are. */
const Exact = Decimal.clone({ precision: 100, defaults: true })

export interface TotalField {
  /** Dotted; `*` stands for every entry of a list: `lines.*.amount`. */
  readonly path: string
  /** Where the record's currency stands: amounts in different ones are not added up. */
  readonly currencyPath?: string
}

export interface Total {
  readonly path: string
  /** Empty where the field has none. */
  readonly currency: string
  /** Decimal text. */
  readonly sum: string
  /** Values that were added. */
  readonly values: number
}

interface Described {
  readonly fields: readonly { readonly path: string; readonly type: string; readonly currencyPath?: string }[]
  readonly currency?: string
}

const NUMERIC: ReadonlySet<string> = new Set(['money', 'number', 'decimal'])

/** What a declarative template says is a number; nothing for a template in code. */
export function declaredTotals(template: VaultTemplate): Readonly<Record<string, readonly TotalField[]>> {
  const { collections } = template as { collections?: unknown } // a template in code has none
  if (!(collections instanceof Map)) return {}
  const described = collections as ReadonlyMap<string, Described> // of a compiled template
  return Object.fromEntries([...described].map(([name, collection]) => [name, numericOf(collection)]))
}

function numericOf({ fields, currency }: Described): TotalField[] {
  return fields
    .filter(({ type }) => NUMERIC.has(type))
    .map(({ path, type, currencyPath = currency }) => ({
      path,
      ...(type === 'money' && currencyPath !== undefined && { currencyPath }),
    }))
}

interface Running {
  readonly path: string
  readonly currency: string
  sum: Decimal
  values: number
}

export class Totals {
  readonly #fields: readonly TotalField[]
  readonly #running = new Map<string, Running>()

  constructor(fields: readonly TotalField[]) {
    this.#fields = fields
  }

  add(record: unknown): void {
    for (const { path, currencyPath } of this.#fields) {
      const [stated] = currencyPath === undefined ? [] : reader(currencyPath)(record)
      const currency = typeof stated === 'string' ? stated : ''
      for (const value of reader(path)(record)) this.#addValue(path, currency, value)
    }
  }

  list(): Total[] {
    return [...this.#running.values()].map(({ sum, ...total }) => ({ ...total, sum: sum.toFixed() }))
  }

  #addValue(path: string, currency: string, value: unknown): void {
    const amount = amountOf(value)
    if (amount === null) return
    const key = JSON.stringify([path, currency])
    const running = this.#running.get(key) ?? { path, currency, sum: new Exact(0), values: 0 }
    running.sum = running.sum.plus(amount)
    running.values += 1
    this.#running.set(key, running)
  }
}

function amountOf(value: unknown): Decimal | null {
  const isNumber = typeof value === 'number' && Number.isFinite(value)
  return isNumber || (typeof value === 'string' && isDecimal(value)) ? new Exact(value) : null
}
