/** Northwind's orders and their lines as one flat table, as an accounting program exports them, joined without our readers. */
import { parse } from 'csv-parse/sync'
import { Decimal } from 'decimal.js'
import { dataText } from './fixture-sources.ts'
import { parseProfile, type MappingProfile } from './profile/schema.ts'
import type { SourceKind } from './source/types.ts'

type Row = Readonly<Record<string, string>>

const table = (name: string): Row[] => parse(dataText('northwind', `${name}.csv`), { columns: true })

export interface FlatLine {
  readonly order: string
  readonly cells: readonly string[]
  readonly cents: number
}

export const flatHeadings = [
  'Invoice',
  'Customer',
  'Issued',
  'Due',
  'Article',
  'Text',
  'Quantity',
  'Price',
  'Discount',
  'Amount',
]

/** One for each line of an order, with what its order says repeated. */
export function flatLines(): FlatLine[] {
  const orders = new Map(table('orders').map((row) => [row['orderID'] ?? '', row]))
  const customers = new Map(table('customers').map((row) => [row['customerID'], row['companyName'] ?? '']))
  const products = new Map(table('products').map((row) => [row['productID'], row['productName'] ?? '']))
  return table('order-details').map((line) => {
    const order = orders.get(line['orderID'] ?? '') ?? {}
    const { orderID = '', productID = '', quantity = '', unitPrice = '', discount = '' } = line
    const rest = new Decimal(1).minus(discount)
    const amount = new Decimal(unitPrice)
      .times(quantity)
      .times(rest)
      .toDecimalPlaces(2, Decimal.ROUND_HALF_UP)
    const day = (name: string): string => (order[name] ?? '').slice(0, 10)
    const said = [
      orderID,
      customers.get(order['customerID'] ?? '') ?? '',
      day('orderDate'),
      day('requiredDate'),
    ]
    const cells = [
      ...said,
      productID,
      products.get(productID) ?? '',
      quantity,
      unitPrice,
      discount,
      amount.toFixed(2),
    ]
    return { order: orderID, cells, cents: amount.times(100).toNumber() }
  })
}

export function flatProfile(kind: SourceKind = 'csv'): MappingProfile {
  const currency = { code: 'USD' }
  return parseProfile({
    format: 2,
    id: 'flat',
    name: 'Flat invoices',
    kind,
    collection: 'invoices',
    key: ['Invoice'],
    fields: [
      { path: 'number', from: { as: 'text', column: 'Invoice' }, required: true },
      { path: 'customerName', from: { as: 'text', column: 'Customer' }, required: true },
      { path: 'issueDate', from: { as: 'date', column: 'Issued' }, required: true },
      { path: 'dueDate', from: { as: 'date', column: 'Due' } },
      { path: 'currency', from: { as: 'constant', value: 'USD' }, required: true },
      { path: 'lines.*.lineNo', from: { as: 'integer', column: 'Article' }, required: true },
      { path: 'lines.*.description', from: { as: 'text', column: 'Text' }, required: true },
      { path: 'lines.*.quantity', from: { as: 'decimal', column: 'Quantity' }, required: true },
      { path: 'lines.*.unitPrice', from: { as: 'decimal', column: 'Price' }, required: true },
      { path: 'lines.*.discount', from: { as: 'decimal', column: 'Discount' } },
      { path: 'lines.*.amount', from: { as: 'minor', column: 'Amount', currency }, required: true },
      { path: 'net', from: { as: 'sum', of: ['lines.*.amount'] } },
      { path: 'total', from: { as: 'sum', of: ['net'] }, required: true },
    ],
    lines: { path: 'lines', id: 'lineNo', rows: 'grouped' },
  })
}
