/**
 * What an operation touches in a workspace of 50,000 records, by counting what the store is asked. How long that takes is for
 * the benches; these counts do not depend on the machine.
 */
import { createNoydb, type Collection, type NoydbOptions, type NoydbStore, type TxOp } from '@noy-db/hub'
import { countingStore } from '@noy-db/hub/testing'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sqliteStore, type SqliteStore } from '../src/index.ts'

interface Invoice {
  readonly client: string
  readonly year: number
  readonly memo: string
}

const RECORDS = 50_000
const CLIENTS = RECORDS / 10
const PAGE = 500
const declared = { large: true, indexes: ['client', ['client', 'year']] }
const idOf = (at: number): string => `inv-${String(at).padStart(6, '0')}`

function invoice(at: number): Invoice {
  return {
    client: `Client number ${at % CLIENTS}`,
    year: 2020 + (Math.floor(at / CLIENTS) % 5),
    memo: `no. ${at}`,
  }
}

function* rows() {
  for (let at = 0; at < RECORDS; at += 1) yield { id: idOf(at), record: invoice(at) }
}

const folder = mkdtempSync(join(tmpdir(), 'to-sqlite-costs-'))
const file = join(folder, 'workspace.db')
let sqlite: SqliteStore
let counting: ReturnType<typeof countingStore>
let written: TxOp[]

/** Notes what is written beside what is asked. */
function watching(): NoydbStore {
  return {
    ...counting.store,
    tx: (ops) => {
      written.push(...ops)
      return sqlite.tx(ops)
    },
  }
}

async function open(options: Partial<NoydbOptions> = {}) {
  const kdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
  const db = await createNoydb({ store: watching(), user: 'ann', secret: 'x', kdf, ...options })
  return db.openVault('v')
}

/** A new session over the file: nothing cached, nothing asked yet. */
async function reopened(options: Partial<NoydbOptions> = {}): Promise<Collection<Invoice>> {
  const vault = await open(options)
  counting.calls()
  written = []
  return vault.collection<Invoice>('invoices', declared)
}

const ofInvoices = (): string[] => counting.calls().filter((call) => call.split(' ')[1] === 'invoices')

beforeAll(async () => {
  sqlite = await sqliteStore({ file, durability: 'normal' })
  counting = countingStore(sqlite)
  written = []
  await (await open()).collection<Invoice>('invoices', declared).putMany(rows())
}, 240_000)

beforeEach(() => void counting.calls())

afterAll(async () => {
  await sqlite.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a large collection of 50,000', () => {
  it('is written to, first thing after opening, by touching one record', async () => {
    const invoices = await reopened({ history: true, audit: true })
    await invoices.put(idOf(777), { ...invoice(777), memo: 'changed' })
    expect(ofInvoices()).toEqual([`get invoices ${idOf(777)}`])
    const records = written.filter(({ op, collection }) => op === 'put' && collection === 'invoices')
    expect(records.map(({ id }) => id)).toEqual([idOf(777)])
    expect(written.length).toBeLessThan(10)
  })

  it('reads one row for a get, and none for the next', async () => {
    const invoices = await reopened()
    expect(await invoices.get(idOf(40_000))).toEqual(invoice(40_000))
    await invoices.get(idOf(40_000))
    expect(ofInvoices()).toEqual([`get invoices ${idOf(40_000)}`])
  })

  it('remembers rows up to a budget of bytes, the one asked for longest ago going first', async () => {
    const envelope = await sqlite.get('v', 'invoices', idOf(1))
    const rowBytes = (envelope?._data.length ?? 0) + 300
    const invoices = await reopened({ recentBytes: 10 * rowBytes })
    const read = async (from: number, to: number): Promise<number> => {
      for (let at = from; at < to; at += 1) await invoices.get(idOf(at))
      return ofInvoices().length
    }
    expect(await read(0, 10)).toBe(10)
    expect(await read(0, 10)).toBe(0)
    expect(await read(100, 130)).toBe(30)
    expect(await read(120, 130)).toBe(0)
    expect(await read(0, 5)).toBe(5)
  })

  it('answers == on a declared index by reading the rows it gives', async () => {
    const invoices = await reopened()
    const found = await invoices.query().where('client', '==', 'Client number 4321').run()
    expect(found).toHaveLength(10)
    expect(ofInvoices()).toHaveLength(10)
    const one = invoices.query().where('client', '==', 'Client number 4321').where('year', '==', 2023)
    expect(await one.run()).toHaveLength(2)
    expect(ofInvoices()).toHaveLength(2)
  })

  it('answers in likewise, each row once', async () => {
    const invoices = await reopened()
    const wanted = [1, 2, 3, 3].map((client) => `Client number ${client}`)
    expect(await invoices.query().where('client', 'in', wanted).run()).toHaveLength(30)
    expect(ofInvoices()).toHaveLength(30)
    expect(await invoices.query().where('client', '==', 'nobody').run()).toEqual([])
    expect(ofInvoices()).toEqual([])
  })

  it('shows the store neither values nor names of what is indexed', () => {
    const bytes = readFileSync(file)
    expect(bytes.includes('invoices')).toBe(true) // what is in clear is found this way
    for (const secret of ['Client number', '"client"', 'no. 4']) expect(bytes.includes(secret)).toBe(false)
  })

  it('streams with back-pressure: never more than two pages beyond what was taken', async () => {
    const invoices = await reopened()
    let taken = 0
    let read = 0
    for await (const row of invoices
      .query()
      .filter(({ year }) => year > 0)
      .stream()) {
      taken += 1
      if (taken % 100 === 1) {
        for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate) // a reader that takes its time
        await sqlite.ping() // whatever was asked of the store before has been answered by now
        read += ofInvoices().length
        expect(read - taken).toBeLessThanOrEqual(2 * PAGE)
      }
      expect(row.memo).not.toBe('')
      if (taken === 4_000) break
    }
    expect(read).toBeLessThanOrEqual(4_000 + 2 * PAGE)
  })

  it('stops reading at the limit', async () => {
    const invoices = await reopened()
    expect(await invoices.query().where('year', '==', 2020).limit(20).run()).toHaveLength(20)
    await sqlite.ping()
    expect(ofInvoices().length).toBeLessThanOrEqual(2 * PAGE)
  })

  it('runs a query without an index as one scan, each row read once', async () => {
    const invoices = await reopened()
    const found = await invoices.query().where('memo', '==', 'no. 49999').run()
    expect(found).toEqual([invoice(49_999)])
    const read = ofInvoices()
    expect(read).toHaveLength(RECORDS)
    expect(new Set(read).size).toBe(RECORDS)
  }, 120_000)
})

describe('any other collection of 50,000', () => {
  it('is hydrated by one scan, each row read once, with turns for others in between', async () => {
    const vault = await open()
    counting.calls()
    const invoices = vault.collection<Invoice>('invoices')
    let turns = 0
    const turn = (): void => {
      turns += 1
      next = setImmediate(turn)
    }
    let next = setImmediate(turn)
    const [list, record] = await Promise.all([invoices.list(), invoices.get(idOf(9)), invoices.count()])
    clearImmediate(next)
    expect(list).toHaveLength(RECORDS)
    expect(record).toEqual(invoice(9))
    const read = ofInvoices()
    expect(read).toHaveLength(RECORDS)
    expect(read.every((call) => call.startsWith('page '))).toBe(true)
    expect(turns).toBeGreaterThan(10)
    await invoices.get(idOf(10))
    expect(ofInvoices()).toEqual([])
  }, 120_000)
})
