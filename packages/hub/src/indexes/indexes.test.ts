import { describe, expect, it } from 'vitest'
import { memory } from '../memory.ts'
import { session } from '../noydb/test-session.ts'
import { countingStore } from '../testing/counting-store.ts'
import type { NoydbStore } from '../types/store.ts'
import { INDEXES } from './index-row.ts'

interface Invoice {
  readonly client: string | null
  readonly year: number
  readonly note?: { readonly kind?: string | boolean }
}

const indexes = ['client', ['client', 'year'], { fields: ['note.kind'] }] as const
const options = { large: true, indexes: [...indexes] }

async function open(store: NoydbStore, declared: object = options) {
  return (await (await session(store)).openVault('v')).collection<Invoice>('invoices', declared)
}

const row = (at: number) => ({
  id: `r${String(at).padStart(3, '0')}`,
  record: { client: `c${at % 30}`, year: 2020 + (at % 4), ...(at % 10 === 0 && { note: { kind: true } }) },
})

const rows = (count: number) => Array.from({ length: count }, (_, at) => row(at))
const ofInvoices = (calls: readonly string[]) => calls.filter((call) => call.includes(' invoices '))

async function filled(count = 300) {
  const { store, calls } = countingStore(memory())
  await (await open(store)).putMany(rows(count))
  const invoices = await open(store)
  calls()
  return { store, calls, invoices }
}

describe('a query on a declared index', () => {
  it('reads the rows it gives, and no other', async () => {
    const { calls, invoices } = await filled()
    const found = await invoices.query().where('client', '==', 'c7').run()
    expect(found).toHaveLength(10)
    expect(ofInvoices(calls())).toHaveLength(10)
  })

  it('takes the index with the most fields, and filters what else is asked', async () => {
    const { calls, invoices } = await filled()
    const query = invoices.query().where('year', '==', 2021).where('client', 'in', ['c1', 'c5', 'c6'])
    const expected = rows(300)
      .map(({ record }) => record)
      .filter(({ client, year }) => year === 2021 && ['c1', 'c5', 'c6'].includes(client))
    expect(await query.run()).toEqual(expected)
    expect(ofInvoices(calls())).toHaveLength(expected.length)
    expect(await query.orderBy('client', 'desc').limit(3).run()).toHaveLength(3)
    expect(await query.filter(({ client }) => client === 'none').run()).toEqual([])
  })

  it('finds dotted paths and values that are no text, and streams', async () => {
    const { calls, invoices } = await filled()
    const found: Invoice[] = []
    for await (const invoice of invoices.query().where('note.kind', '==', true).limit(4).stream())
      found.push(invoice)
    expect(found.map(({ client }) => client)).toEqual(['c0', 'c10', 'c20', 'c0'])
    expect(ofInvoices(calls())).toHaveLength(30)
    await invoices.put('null', { client: null, year: 0 })
    expect(await invoices.query().where('client', '==', null).run()).toEqual([{ client: null, year: 0 }])
  })

  it('asks the store nothing for values that no record can equal', async () => {
    const { calls, invoices } = await filled()
    await invoices.query().where('client', '==', 'c1').run()
    calls()
    expect(await invoices.query().where('client', '==', { not: 'comparable' }).run()).toEqual([])
    expect(await invoices.query().where('client', 'in', []).run()).toEqual([])
    expect(ofInvoices(calls())).toEqual([])
  })

  it('reads everything where a missing member is meant', async () => {
    const { invoices } = await filled(20)
    expect(await invoices.query().where('note.kind', '==', undefined).run()).toHaveLength(18)
  })
})

describe('indexes are built', () => {
  it('from rows that were there before, once for all sessions', async () => {
    const { store, calls } = countingStore(memory())
    await (await open(store, { large: true })).putMany(rows(100))
    const first = await open(store)
    expect(await first.query().where('client', '==', 'c2').run()).toHaveLength(4)
    calls()
    expect(await (await open(store)).query().where('client', '==', 'c2').run()).toHaveLength(4)
    expect(ofInvoices(calls())).toHaveLength(4)
  })

  it('beside those another session declared, which stay', async () => {
    const store = memory()
    await (await open(store, { large: true, indexes: ['year'] })).putMany(rows(60))
    const both = await open(store, { large: true, indexes: ['client'] })
    expect(await both.query().where('client', '==', 'c2').run()).toHaveLength(2)
    const counted = countingStore(store)
    const again = await open(counted.store, { large: true, indexes: ['year', 'client'] })
    expect(await again.query().where('year', '==', 2021).run()).toHaveLength(15)
    expect(ofInvoices(counted.calls())).toHaveLength(15)
  })

  it('of a collection that was never written, without a trace', async () => {
    const store = memory()
    expect(await (await open(store)).query().where('client', '==', 'c1').run()).toEqual([])
    expect(await store.list('v', INDEXES)).toEqual([])
  })
})

describe('rows stay findable', () => {
  it('when a session that declares nothing changes and deletes them', async () => {
    const { store, invoices } = await filled(90)
    const plain = await open(store, {})
    await plain.put('r001', { client: 'moved', year: 1 })
    await plain.delete('r031')
    await plain.put('new', { client: 'moved', year: 2 })
    expect(await invoices.query().where('client', '==', 'c1').run()).toHaveLength(1)
    expect(await invoices.query().where('client', '==', 'moved').run()).toHaveLength(2)
  })

  it('when another session that knew of no index writes after it was built', async () => {
    const store = memory()
    const plain = await open(store, {})
    await plain.putMany(rows(30))
    const indexed = await open(store)
    expect(await indexed.query().where('client', '==', 'c1').run()).toHaveLength(1)
    await plain.put('late', { client: 'c1', year: 1 })
    expect(await indexed.query().where('client', '==', 'c1').run()).toHaveLength(2)
  })

  it('when a transaction fails and is tried again', async () => {
    const { invoices } = await filled(30)
    await expect(
      invoices.put('r001', { client: 'x', year: 1 }, { expectedVersion: 9 }),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    expect(await invoices.query().where('client', '==', 'c1').run()).toHaveLength(1)
    expect(await invoices.query().where('client', '==', 'x').run()).toEqual([])
  })
})

it('the store sees no value, and the same value under different tokens in two collections', async () => {
  const store = memory()
  const seen: string[] = []
  const watching: NoydbStore = {
    ...store,
    tx: async (ops) => {
      for (const op of ops) if (op.op === 'index') seen.push(...op.tokens)
      await store.tx(ops)
    },
  }
  const vault = await (await session(watching)).openVault('v')
  const declared = { large: true, indexes: ['client'] }
  for (const name of ['a', 'b']) {
    const collection = vault.collection<Invoice>(name, declared)
    for (const id of ['1', '2']) await collection.put(id, { client: 'Rossi', year: 1 })
  }
  expect(seen.length).toBe(4)
  expect(new Set(seen).size).toBe(2)
  expect(seen.join()).not.toContain('Rossi')
})

it('too many or empty indexes are refused', async () => {
  const store = memory()
  for (const wrong of [[''], [[]], Array.from({ length: 33 }, (_, at) => `f${at}`)]) {
    const collection = await open(store, { large: true, indexes: wrong })
    await expect(collection.put('x', { client: 'c', year: 1 })).rejects.toThrow('index')
  }
})
