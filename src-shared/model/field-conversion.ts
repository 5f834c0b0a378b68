/** How a column of a foreign file becomes a field of a record, by the field's type: what is proposed, and what a person changes. */
import type { FieldHint } from '../ipc/common.ts'
import type { ColumnView, Conversion } from '../ipc/foreign.ts'

type FieldType = FieldHint['type']

const yesAndNo = {
  yes: ['true', 'yes', 'y', '1', 'x', 'ja', 'oui'],
  no: ['false', 'no', 'n', '0', 'nein', 'non'],
}

/** @param currency the column with the currency of an amount; without one, euro is proposed */
export function conversionFor(
  type: FieldType,
  { name, decimalMark = '.', dateOrder = 'ymd' }: ColumnView,
  currency?: string,
): Conversion {
  switch (type) {
    case 'money':
      return { as: 'minor', column: name, mark: decimalMark, currency: currencyFrom(currency) }
    case 'decimal':
      return { as: 'decimal', column: name, mark: decimalMark }
    case 'number':
      return { as: 'integer', column: name, mark: decimalMark }
    case 'date':
      return { as: 'date', column: name, order: dateOrder }
    case 'boolean':
      return { as: 'boolean', column: name, ...yesAndNo }
    case 'lines':
    case 'object':
      return { as: 'value', column: name }
    case 'text':
    case 'choice':
      return { as: 'text', column: name }
  }
}

function currencyFrom(column: string | undefined): { column: string } | { code: string } {
  return column === undefined ? { code: 'EUR' } : { column }
}

export function isNested(type: FieldType): boolean {
  return type === 'lines' || type === 'object'
}

/** Whether what stands in a column can be meant for a field of this type. */
export function canHold(type: FieldType, column: ColumnView): boolean {
  if (column.type === 'empty') return true
  if (type === 'money' || type === 'decimal' || type === 'number')
    return column.type === 'decimal' || column.type === 'integer'
  if (type === 'date') return column.type === 'date'
  return isNested(type) === (column.type === 'object')
}
