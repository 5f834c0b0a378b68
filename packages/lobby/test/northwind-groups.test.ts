/** A firm of 91 clients over SQLite: what its group says is what plain SQL says over the same files, to the cent. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { avg, count, max, min, sum } from '@noy-db/hub/aggregate'
import { createNoydb, ref, type Noydb } from '@noy-db/hub'
import { sqliteStore, type SqliteStore } from '@noy-db/to-sqlite'
import { createLobby, type VaultGroup } from '../src/index.ts'
import {
  hasNorthwind,
  northwindFolder,
  northwindRecords,
  sqlTables,
  type Line,
  type Order,
} from './northwind-tables.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 })

if (!hasNorthwind) console.warn(`No Northwind tables at ${northwindFolder}; set LOBBY_TEST_DATA.`)

it.runIf(process.env['CI'] === 'true')('the Northwind tables are there', () => {
  expect(hasNorthwind, `nothing at ${northwindFolder}`).toBe(true)
})

describe.skipIf(!hasNorthwind)('Northwind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'northwind-'))
  let store: SqliteStore
  let db: Noydb
  let group: VaultGroup<Order | Line>

  async function openFirm(): Promise<void> {
    store = await sqliteStore({ file: join(folder, 'firm.db'), durability: 'normal' })
    const kdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
    db = await createNoydb({ store, user: 'ann', secret: 'correct horse', kdf })
    const lobby = createLobby(db)
    lobby.withVaultTemplate('sales', {
      version: 1,
      configure(vault) {
        vault.collection('orders')
        vault.collection('lines', { refs: { order: ref('orders', 'warn') } })
      },
    })
    group = await lobby.openVaultGroup('northwind', {
      sharding: { keyOf: ({ customer }) => customer, vaultTemplate: 'sales' },
    })
  }

  async function closeFirm(): Promise<void> {
    db.close()
    await store.close()
  }

  beforeAll(async () => {
    await openFirm()
    const { customers, orders, lines, products } = northwindRecords()
    for (const customer of customers) await group.createShard(customer)
    await group.collection('orders').putMany(orders.map((record) => ({ id: record.id, record })))
    await group.collection('lines').putMany([...lines].map(([id, record]) => ({ id, record })))
    const catalogue = (await db.openVault('catalogue')).collection<object>('products')
    await catalogue.putMany(products.map((record) => ({ id: record.id, record })))
    await closeFirm()
    await openFirm()
  })

  afterAll(async () => {
    await closeFirm()
    rmSync(folder, { recursive: true, force: true })
  })

  const sql = hasNorthwind ? sqlTables() : null

  /** Rows by their first column. */
  function ask(query: string): Map<unknown, unknown[]> {
    const rows = sql?.prepare<[], unknown[]>(query).raw().all() ?? []
    return new Map(rows.map(([key, ...rest]) => [key, rest]))
  }

  const byKey = (rows: readonly object[]): Map<unknown, unknown[]> =>
    new Map(rows.map((row) => Object.values(row) as unknown[]).map(([key, ...rest]) => [key, rest]))

  it('has a shard for each of its 91 customers', async () => {
    expect(await group.allRows()).toHaveLength(91)
    const { result, skippedVaults } = await group
      .collection('orders')
      .query()
      .aggregate({ orders: count(), net: sum('net') })
      .run()
    const [[orders, net] = []] =
      sql?.prepare<[], number[]>('SELECT COUNT(DISTINCT orderID), SUM(cents) FROM lines').raw().all() ?? []
    expect(result).toEqual({ orders, net })
    expect(skippedVaults).toEqual([])
  })

  it.each([
    ['country', 'shipCountry'],
    ['month', 'substr(orderDate, 1, 7)'],
    ['countryMonth', "shipCountry || ' ' || substr(orderDate, 1, 7)"],
  ])('orders by %s', async (field, column) => {
    const spec = {
      orders: count(),
      net: sum('net'),
      freight: sum('freight'),
      least: min('net'),
      most: max('net'),
    }
    const { results } = await group.collection('orders').query().groupBy(field).aggregate(spec).run()
    const totals = 'SELECT orderID, SUM(cents) AS net FROM lines GROUP BY orderID'
    const freight = 'CAST(ROUND(freight * 100) AS INTEGER)'
    const expected = ask(`SELECT ${column}, COUNT(*), SUM(net), SUM(${freight}), MIN(net), MAX(net)
      FROM orders JOIN (${totals}) USING (orderID) GROUP BY 1`)
    expect(expected.size).toBeGreaterThan(20)
    expect(byKey(results)).toEqual(expected)
  })

  it('lines joined with the products all clients share', async () => {
    const products = (await db.openVault('catalogue')).collection('products')
    const joined = group
      .collection<Line>('lines')
      .query()
      .broadcastJoin('productId', { as: 'product', from: products })
    const spec = { lines: count(), amount: sum('amount'), mean: avg('quantity') }
    const { results } = await joined.groupBy('product.name').aggregate(spec).run()
    const expected = ask(`SELECT productName, COUNT(*), SUM(cents), AVG(CAST(quantity AS INTEGER))
      FROM lines JOIN products USING (productID) GROUP BY 1`)
    expect(expected.size).toBe(77)
    expect(byKey(results)).toEqual(expected)
  })

  it('lines joined with the orders of the same client', async () => {
    const joined = group.collection<Line>('lines').query().crossShardJoin('order', { as: 'of' })
    const { results } = await joined
      .groupBy('of.country')
      .aggregate({ amount: sum('amount') })
      .run()
    expect(byKey(results)).toEqual(
      ask('SELECT shipCountry, SUM(cents) FROM lines JOIN orders USING (orderID) GROUP BY 1'),
    )
  })

  it('the largest orders, page by page', async () => {
    const query = group
      .collection<Order>('orders')
      .query()
      .where('country', '!=', 'USA')
      .orderBy('net', 'desc')
      .orderBy('id')
      .limit(25)
    const first = await query.toArray()
    const second = await query.after(first.nextCursor ?? '').toArray()
    const expected = ask(`SELECT orderID, SUM(cents) FROM lines JOIN orders USING (orderID)
      WHERE shipCountry <> 'USA' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50`)
    expect([...first.results, ...second.results].map(({ id, net }) => [id, net])).toEqual(
      [...expected].map(([id, rest]) => [id, ...rest]),
    )
  })
})
