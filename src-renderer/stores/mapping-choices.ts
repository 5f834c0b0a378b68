/** What a person may choose for a field, in place of a column or beside it, and the conversion that it is. */
import type { ColumnView, Conversion, ForeignKind, TargetCollection } from '../../src-shared/ipc/foreign.ts'
import { conversionFor } from '../../src-shared/model/field-conversion.ts'

/** The same for all rows. */
export const FIXED = '='
/** Added up from other fields. */
export const SUM = '=sum'
/** A rate of each line. */
export const RATE = '=rate'

/** A column, one of the above, or nothing for none. */
export type Choice = string

type Field = TargetCollection['fields'][number]

interface File {
  readonly kind: ForeignKind
  readonly columns: readonly ColumnView[]
  readonly decimalMark: '.' | ','
  readonly dateOrder: 'ymd' | 'dmy' | 'mdy'
}

export function isTotal({ as }: Conversion): boolean {
  return as === 'sum' || as === 'rate'
}

/** The choice that a conversion is. */
export function chosenOf(from: Conversion | undefined): Choice {
  if (from === undefined) return ''
  if (from.as === 'sum') return SUM
  if (from.as === 'rate') return RATE
  return 'column' in from ? from.column : FIXED
}

export function choiceOf(
  choice: Choice,
  { type, sumOf, rateOf }: Field,
  file: File,
  conversions: ReadonlyMap<string, Conversion>,
): Conversion | undefined {
  if (choice === '') return undefined
  if (choice === FIXED) return { as: 'constant', value: '' }
  if (choice === SUM) return sumOf && { as: 'sum', of: sumOf }
  const column = file.columns.find(({ name }) => name === choice)
  if (choice === RATE) return rateOf === undefined ? undefined : rate(file, rateOf)
  if (column === undefined) return undefined
  // A document's values are what the template has, amounts in minor units among them.
  if (file.kind === 'ubl') return { as: 'value', column: column.name }
  // Text is read with the marks of the file too, where a person says that it is a number.
  const { decimalMark, dateOrder } = file
  const currency = conversions.get('currency')
  return conversionFor(
    type,
    { decimalMark, dateOrder, ...column },
    currency?.as === 'text' ? currency.column : undefined,
  )
}

function rate({ columns, decimalMark }: File, of: string): Conversion | undefined {
  const isLikely = ({ name }: ColumnView): boolean => /rate|%|satz|percent/i.test(name)
  const column =
    columns.find(isLikely) ?? columns.find(({ type }) => type === 'decimal' || type === 'integer')
  return column && { as: 'rate', column: column.name, mark: column.decimalMark ?? decimalMark, per: 100, of }
}

/** One currency for all rows is that of all amounts for which no column says another. */
export function followCurrency(
  conversions: ReadonlyMap<string, Conversion>,
): ReadonlyMap<string, Conversion> {
  const currency = conversions.get('currency')
  if (currency?.as !== 'constant' || !/^[A-Z]{3}$/.test(String(currency.value))) return conversions
  const code = String(currency.value)
  const follow = (from: Conversion): Conversion =>
    from.as === 'minor' && 'code' in from.currency ? { ...from, currency: { code } } : from
  return new Map([...conversions].map(([path, from]) => [path, follow(from)]))
}
