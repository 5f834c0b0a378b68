/** Northwind's invoices as a flat table: one row for each line, with what its invoice says repeated. */
import { utils } from '@e965/xlsx'
import { expectedInvoices, readTable } from './read.ts'

export interface FlatLine {
  readonly order: string
  readonly text: string
  readonly quantity: string
  readonly cents: number
  readonly cells: readonly string[]
}

const headings = [
  'Invoice',
  'Date',
  'Due',
  'Customer',
  'Freight',
  'Text',
  'Quantity',
  'Price',
  'Discount',
  'Amount',
]

/** The lines of 1996 by product: those of one invoice are far apart. */
export function linesOf1996(): FlatLine[] {
  const invoices = expectedInvoices()
  const customers = new Map(
    readTable('customers').map((row) => [row['customerID'], row['companyName'] ?? '']),
  )
  const products = new Map(readTable('products').map((row) => [row['productID'], row['productName'] ?? '']))
  const details = Map.groupBy(readTable('order-details'), (row) => row['orderID'])
  const orders = readTable('orders').filter(({ orderDate }) => orderDate?.startsWith('1996'))
  const lines = orders.flatMap(
    ({ orderID = '', orderDate = '', requiredDate = '', customerID, freight = '' }) =>
      (details.get(orderID) ?? []).map(
        ({ productID, quantity = '', unitPrice = '', discount = '' }, at): FlatLine => {
          const cents = invoices.get(orderID)?.lineAmounts[at] ?? 0
          const text = products.get(productID) ?? ''
          const header = [
            orderID,
            orderDate.slice(0, 10),
            requiredDate.slice(0, 10),
            customers.get(customerID) ?? '',
            freight,
          ]
          const amount = `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
          return {
            order: orderID,
            text,
            quantity,
            cents,
            cells: [...header, text, quantity, unitPrice, discount, amount],
          }
        },
      ),
  )
  return lines.sort((left, right) => (left.text < right.text ? -1 : Number(left.text > right.text)))
}

export function flatCsv(lines: readonly FlatLine[]): string {
  return utils.sheet_to_csv(utils.aoa_to_sheet([headings, ...lines.map(({ cells }) => [...cells])]))
}
