/** Every order of Northwind out of SQLite in each format, read back by the dock's readers: all of them, to the cent. */
import type { Noydb, VaultApi } from '@noy-db/hub'
import { sqliteStore, type SqliteStore } from '@noy-db/to-sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  bytesSource,
  exportCsv,
  exportJsonLines,
  exportReport,
  foreignReaders,
  toBytesMultiVault,
  type TableSource,
} from '../src/index.ts'
import { textOf } from '../src/dock/fixture-sources.ts'
import { allowExport, tableTemplate } from '../src/export/fixture-books.ts'
import { openOffice } from '../src/fixture-office.ts'
import { hasNorthwind, northwindFolder, northwindRecords, type Order } from './northwind-tables.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

if (!hasNorthwind) console.warn(`No Northwind tables at ${northwindFolder}; set LOBBY_TEST_DATA.`)

const template = tableTemplate({
  name: 'sales',
  collection: 'orders',
  label: { one: 'Order', many: 'Orders' },
  title: 'Order {id}',
  columns: ['id', 'net', 'freight'],
  fields: [
    ['id', 'Number', 'text'],
    ['country', 'Country', 'text'],
    ['currency', 'Currency', 'text'],
    ['net', 'Net', 'money'],
    ['freight', 'Freight', 'money'],
  ],
}).collections.get('orders')

/** Id, country, net and freight, in cents. */
type Row = readonly [string, string, number, number]

const rowOf = ({ id, country, net, freight }: Order): Row => [id, country, net, freight]

/** "32.38" and "32.4" as cents, without a binary float between. */
function cents(text: unknown): number {
  const [whole = '', fraction = ''] = String(text).split('.')
  return Number(whole + fraction.padEnd(2, '0'))
}

async function readBack(kind: 'csv' | 'xlsx', bytes: Uint8Array, table?: string): Promise<Row[]> {
  const rows: Row[] = []
  const source = bytesSource(`orders.${kind}`, bytes)
  for await (const { cells, faults } of foreignReaders[kind].rows(
    source,
    table === undefined ? {} : { table },
  )) {
    expect(faults).toEqual([])
    rows.push([textOf(cells['id']), textOf(cells['country']), cents(cells['net']), cents(cells['freight'])])
  }
  return rows
}

async function all(chunks: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const chunk of chunks) found.push(chunk)
  return found
}

describe.skipIf(!hasNorthwind)('Northwind leaves', () => {
  const folder = mkdtempSync(join(tmpdir(), 'northwind-exports-'))
  let store: SqliteStore
  let db: Noydb
  let vault: VaultApi
  let orders: readonly Order[]
  let source: TableSource

  beforeAll(async () => {
    orders = northwindRecords().orders
    store = await sqliteStore({ file: join(folder, 'firm.db'), durability: 'normal' })
    db = await openOffice('ann', store)
    vault = await db.openVault('sales')
    vault.collection('orders', { large: true })
    const rows = orders.map((order) => ({ id: order.id, record: { ...order, currency: 'USD' } }))
    await vault.collection('orders').putMany(rows)
    await allowExport(db, 'sales', 'ann')
    source = { vault, collection: 'orders', ...(template !== undefined && { template }) }
  })

  afterAll(async () => {
    db.close()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const byId = (rows: readonly Row[]): Row[] => [...rows].sort(([a], [b]) => (a < b ? -1 : 1))

  it('as CSV, a chunk at a time', async () => {
    const chunks = await all(exportCsv(source))
    expect(Math.max(...chunks.map((chunk) => chunk.split('\r\n').length))).toBeLessThan(orders.length)
    const rows = await readBack('csv', Buffer.from(chunks.join('')))
    expect(byId(rows)).toEqual(byId(orders.map(rowOf)))
  })

  it('as a workbook', async () => {
    const sheet = { name: 'orders', collection: 'orders', columns: ['id', 'country', 'net', 'freight'] }
    const bytes = await toBytesMultiVault([{ vault, sheets: [sheet] }], { describe: () => template })
    const rows = await readBack('xlsx', bytes, 'sales_orders')
    expect(byId(rows)).toEqual(byId(orders.map(rowOf)))
  })

  it('as lines of JSON', async () => {
    const bytes = Buffer.from((await all(exportJsonLines([source]))).join(''))
    const found: Row[] = []
    for await (const { cells } of foreignReaders.jsonl.rows(bytesSource('orders.jsonl', bytes), {})) {
      const [id, country] = [textOf(cells['record.id']), textOf(cells['record.country'])]
      found.push([id, country, Number(cells['record.net']), Number(cells['record.freight'])])
    }
    expect(byId(found)).toEqual(byId(orders.map(rowOf)))
  })

  it('as a report that adds up', async () => {
    const tables = [{ ...source, heading: 'Orders' }]
    const html = (
      await all(exportReport(tables, { title: 'Northwind', madeAt: '2026-05-31T00:00:00Z' }))
    ).join('')
    const sum = (field: 'net' | 'freight'): string => {
      const total = orders.reduce((cents, order) => cents + order[field], 0)
      return `${Math.floor(total / 100).toLocaleString('en-GB')}.${String(total % 100).padStart(2, '0')}`
    }
    expect(html.slice(0, html.indexOf('<section>'))).toContain(`>${sum('net')} <`)
    expect(html.slice(0, html.indexOf('<section>'))).toContain(`>${sum('freight')} <`)
    expect(html.match(/<tr><td>/g)).toHaveLength(orders.length)
  })
})
