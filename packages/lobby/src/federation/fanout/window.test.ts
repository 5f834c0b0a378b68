/** Order, limit, offset and cursor over shards, compared with sorting everything at once. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Vault } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { failingStore, fillFirm, openFirm, type Bill, type Firm } from '../fixture-firm.ts'
import type { ShardedQuery } from '../sharded-query.ts'
import { mergeSorted, type Run } from './merge-sorted.ts'

async function firmOf(rows: readonly { id: string; record: Bill }[], large = false): Promise<Firm> {
  const template = {
    version: 1,
    configure: (vault: Vault) => void vault.collection('bills', { large }),
  }
  const firm = await openFirm({ template })
  await firm.group.collection('bills').putMany(rows)
  return firm
}

async function allPages(query: ShardedQuery<Bill>): Promise<Bill[]> {
  const rows: Bill[] = []
  for (let cursor: string | undefined; ;) {
    const page: Awaited<ReturnType<typeof query.toArray>> = await (
      cursor === undefined ? query : query.after(cursor)
    ).toArray()
    rows.push(...page.results)
    cursor = page.nextCursor
    if (cursor === undefined) return rows
  }
}

const record = fc.record({
  client: fc.constantFrom('a', 'b', 'c'),
  net: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(undefined, 'text')) as fc.Arbitrary<number>,
})

describe('ordered pages', () => {
  it.each([false, true])(
    'together are the rows in order, none twice, none missing (large: %s)',
    async (large) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(record, { maxLength: 40 }),
          fc.integer({ min: 1, max: 7 }),
          fc.constantFrom<'asc' | 'desc'>('asc', 'desc'),
          async (records, limit, direction) => {
            const rows = records.map((body, at) => ({
              id: `${body.client}${String(at).padStart(3, '0')}`,
              record: { ...body, id: at },
            }))
            const { group } = await firmOf(rows, large)
            const query = group.collection('bills').query().orderBy('net', direction)
            const expected = (await query.toArray()).results
            expect(expected).toHaveLength(rows.length)
            expect(await allPages(query.limit(limit))).toEqual(expected)
            const streamed: Bill[] = []
            for await (const row of query.stream()) streamed.push(row)
            expect(streamed).toEqual(expected)
            expect((await query.offset(2).limit(limit).toArray()).results).toEqual(
              expected.slice(2, 2 + limit),
            )
          },
        ),
        { numRuns: 15 },
      )
    },
  )

  it('put numbers before texts before nothing, and ties by vault and id', async () => {
    const values: unknown[] = [3, null, 'b', 1, 'a', 1]
    const rows = values.map((net, at) => ({
      id: `${at}`,
      record: { client: at % 2 === 0 ? 'x' : 'w', net: net as number },
    }))
    const { group } = await firmOf(rows)
    const query = group.collection('bills').query()
    const nets = async (direction: 'asc' | 'desc') =>
      (await query.orderBy('net', direction).toArray()).results.map(({ net }) => net)
    expect(await nets('asc')).toEqual([1, 1, 3, 'a', 'b', null])
    expect(await nets('desc')).toEqual([null, 'b', 'a', 3, 1, 1])
    const tied = await query.withShard().orderBy('client').orderBy('net').toArray()
    expect(tied.results.map(({ shard }) => shard.id)).toEqual(['3', '5', '1', '0', '4', '2'])
  })

  it('streaming reads a large shard again when its rows are used up', async () => {
    const rows = Array.from({ length: 2_500 }, (_, net) => ({
      id: `${net}`,
      record: { client: net % 3 === 0 ? 'a' : 'b', net },
    }))
    const { group } = await firmOf(rows, true)
    const nets: number[] = []
    for await (const { net } of group.collection('bills').query().orderBy('net').stream()) nets.push(net)
    expect(nets).toEqual(rows.map(({ record: { net } }) => net))
  })
})

describe('pages without an order', () => {
  it('go from vault to vault and open none they do not need', async () => {
    const inner = memory()
    await fillFirm(await openFirm({ store: inner }), { a: 3, b: 3, c: 3 })
    const store = failingStore(inner, (call, vault) => call === 'listPage' && vault === 'firm--c')
    const { group } = await openFirm({ store })
    const query = group.collection('bills').query().limit(5)
    const page = await query.toArray()
    expect(page.results.map(({ client, net }) => `${client}${net}`)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2'])
    expect(page.skippedVaults).toEqual([])
    const rest = await query.after(page.nextCursor ?? '').toArray()
    expect(rest.results.map(({ client, net }) => `${client}${net}`)).toEqual(['b3'])
    expect(rest.skippedVaults).toMatchObject([{ vaultId: 'firm--c' }])
    expect(rest).not.toHaveProperty('nextCursor')
  })

  it('a cursor stands for a place, also when rows come and go before it', async () => {
    const firm = await openFirm()
    await fillFirm(firm, { a: 3, b: 2 })
    const query = firm.group.collection('bills').query().orderBy('net').limit(2)
    const { nextCursor = '' } = await query.toArray()
    await firm.group.collection('bills').put('a-0', { client: 'a', net: 0 })
    await (await firm.group.shard('b')).collection('bills').delete('b-1')
    expect((await query.after(nextCursor).toArray()).results.map(({ net }) => net)).toEqual([2, 2])
  })
})

describe('cursors and numbers', () => {
  it.each(['', 'x', '!!', Buffer.from('{}').toString('base64url'), 'A'.repeat(20_000)])(
    'refuses %j',
    async (cursor) => {
      const { group } = await firmOf([])
      const query = group.collection('bills').query().orderBy('net').limit(1).after(cursor)
      await expect(query.toArray()).rejects.toMatchObject({ code: 'CURSOR_INVALID' })
    },
  )

  it('refuses the cursor of another query, and limits that are none', async () => {
    const firm = await openFirm()
    await fillFirm(firm, { a: 2 })
    const query = firm.group.collection('bills').query()
    const { nextCursor = '' } = await query.orderBy('net').limit(1).toArray()
    await expect(query.orderBy('client').limit(1).after(nextCursor).toArray()).rejects.toMatchObject({
      code: 'CURSOR_INVALID',
    })
    await expect(query.where('net', '>', 0).orderBy('net').after(nextCursor).toArray()).rejects.toMatchObject(
      { code: 'CURSOR_INVALID' },
    )
    expect(() => query.limit(-1)).toThrow('whole number')
    expect(() => query.offset(0.5)).toThrow('whole number')
    expect(() => query.limit(1).aggregate({})).toThrow('no limit')
    expect((await query.limit(0).toArray()).results).toEqual([])
  })
})

it('merging runs is sorting their union', async () => {
  const runs = fc.array(
    fc.array(fc.integer({ min: 0, max: 20 })).map((run) => run.sort((a, b) => a - b)),
    { maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(runs, async (lists) => {
      const merged: number[] = []
      for await (const value of mergeSorted(lists.map(runOf), (a, b) => a - b)) merged.push(value)
      expect(merged).toEqual(lists.flat().sort((a, b) => a - b))
    }),
  )
})

function runOf(list: number[]): Run<number> {
  let at = 0
  return {
    get head() {
      return list[at]
    },
    next() {
      at += 1
      return undefined
    },
  }
}
