/**
 * Northwind Traders as tables, and an independent computation of what its invoices amount to. Whole-number
 * arithmetic in BigInt on purpose: the product computes with a decimal library, and this is what checks it.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'csv-parse/sync'

export type CsvRow = Readonly<Record<string, string>>

/** Where the real test input is; loud where it is absent. */
export function testDataFolder(): string {
  return process.env['LOBBY_TEST_DATA'] ?? path.resolve(import.meta.dirname, '../../../shared/data')
}

/** `NULL` in these files stands for no value and comes back as an empty string. */
export function readTable(name: string, folder = path.join(testDataFolder(), 'northwind')): CsvRow[] {
  const file = readFileSync(path.join(folder, `${name}.csv`))
  const rows = parse<CsvRow>(file, { columns: true, bom: true })
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === 'NULL' ? '' : value])),
  )
}

export interface ExpectedInvoice {
  readonly orderId: string
  readonly customerId: string
  readonly lineAmounts: readonly number[]
  /** Lines and freight: a charge is part of the amount without tax (EN 16931, BT-109). */
  readonly net: number
  readonly freight: number
  readonly total: number
}

/** Every order as an invoice in cents: price x quantity less discount, rounded half away from zero per line, then summed. */
export function expectedInvoices(): Map<string, ExpectedInvoice> {
  const lines = Map.groupBy(readTable('order-details'), (row) => row['orderID'] ?? '')
  return new Map(
    readTable('orders').map((order) => {
      const orderId = order['orderID'] ?? ''
      const lineAmounts = (lines.get(orderId) ?? []).map(lineCents)
      const freight = Number(scaled(order['freight'] ?? '0', 2))
      const net = lineAmounts.reduce((sum, amount) => sum + amount, freight)
      const customerId = order['customerID'] ?? ''
      // No order says anything of VAT: what is due is what it comes to without.
      return [orderId, { orderId, customerId, lineAmounts, net, freight, total: net }]
    }),
  )
}

function lineCents(line: CsvRow): number {
  const price = scaled(line['unitPrice'] ?? '0', 2)
  const quantity = BigInt(line['quantity'] ?? '0')
  const kept = 10_000n - scaled(line['discount'] ?? '0', 4)
  const exact = price * quantity * kept
  return Number((exact + 5_000n) / 10_000n)
}

/** A decimal text as a whole number of 10^-places; more places than that are not in these files. */
function scaled(text: string, places: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  if (/[^0]/.test(fraction.slice(places))) throw new Error(`${text} has more than ${places} places`)
  return BigInt(whole + fraction.slice(0, places).padEnd(places, '0'))
}
