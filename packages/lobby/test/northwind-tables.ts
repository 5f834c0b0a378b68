/** Northwind as tables: in an SQLite of their own for plain SQL, and as records in whole cents for our engine. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import Sqlite from 'better-sqlite3'
import { parse } from 'csv-parse/sync'

export const northwindFolder = join(
  process.env['LOBBY_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../shared/data'),
  'northwind',
)

export const hasNorthwind = existsSync(northwindFolder)

type CsvRow = Readonly<Record<string, string>>

function readTable(name: string): CsvRow[] {
  return parse<CsvRow>(readFileSync(join(northwindFolder, `${name}.csv`)), { columns: true, bom: true })
}

/** Every column as text, exactly as it stands in the files. */
export function sqlTables(): Sqlite.Database {
  const db = new Sqlite(':memory:')
  for (const name of ['customers', 'orders', 'order-details', 'products']) {
    const rows = readTable(name)
    const columns = Object.keys(rows[0] ?? {})
    const table = name.replace('-', '_')
    db.exec(`CREATE TABLE ${table} (${columns.map((column) => `"${column}" TEXT`).join(', ')})`)
    const insert = db.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`)
    for (const row of rows) insert.run(columns.map((column) => row[column]))
  }
  // Half away from zero per line, in whole numbers: no amount here is negative.
  db.exec(`CREATE VIEW lines AS SELECT *,
    (CAST(ROUND(unitPrice * 100) AS INTEGER) * CAST(quantity AS INTEGER)
      * (10000 - CAST(ROUND(discount * 10000) AS INTEGER)) + 5000) / 10000 AS cents
    FROM order_details`)
  return db
}

export interface Order extends Record<string, unknown> {
  readonly id: string
  readonly customer: string
  readonly country: string
  readonly month: string
  readonly countryMonth: string
  readonly net: number
  readonly freight: number
}

export interface Line extends Record<string, unknown> {
  readonly customer: string
  readonly order: string
  readonly productId: string
  readonly quantity: number
  readonly amount: number
}

export interface Northwind {
  readonly customers: readonly string[]
  readonly products: readonly { readonly id: string; readonly name: string; readonly category: string }[]
  readonly orders: readonly Order[]
  readonly lines: ReadonlyMap<string, Line>
}

export function northwindRecords(): Northwind {
  const customerOf = new Map(
    readTable('orders').map((order) => [text(order, 'orderID'), text(order, 'customerID')]),
  )
  const lines = new Map<string, Line>()
  for (const row of readTable('order-details')) {
    const [order, productId] = [text(row, 'orderID'), text(row, 'productID')]
    const quantity = Number(text(row, 'quantity'))
    const kept = 10_000 - scaled(text(row, 'discount'), 4)
    const amount = Math.floor((scaled(text(row, 'unitPrice'), 2) * quantity * kept + 5_000) / 10_000)
    lines.set(`${order}-${productId}`, {
      customer: customerOf.get(order) ?? '',
      order,
      productId,
      quantity,
      amount,
    })
  }
  return {
    customers: readTable('customers').map((row) => text(row, 'customerID')),
    products: readTable('products').map((row) => ({
      id: text(row, 'productID'),
      name: text(row, 'productName'),
      category: text(row, 'categoryID'),
    })),
    orders: readTable('orders').map((row) => orderOf(row, lines)),
    lines,
  }
}

function orderOf(row: CsvRow, lines: ReadonlyMap<string, Line>): Order {
  const id = text(row, 'orderID')
  const [country, month] = [text(row, 'shipCountry'), text(row, 'orderDate').slice(0, 7)]
  let net = 0
  for (const line of lines.values()) if (line.order === id) net += line.amount
  return {
    id,
    customer: text(row, 'customerID'),
    country,
    month,
    countryMonth: `${country} ${month}`,
    net,
    freight: scaled(text(row, 'freight'), 2),
  }
}

function text(row: CsvRow, column: string): string {
  const value = row[column]
  if (value === undefined) throw new Error(`There is no column ${column}.`)
  return value
}

/** A decimal text as a whole number of 10^-places. */
function scaled(decimal: string, places: number): number {
  const [whole = '0', fraction = ''] = decimal.split('.')
  return Number(whole + fraction.slice(0, places).padEnd(places, '0'))
}
