import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { avg, count, max, min, sum, type Reducer } from '@noy-db/hub/aggregate'
import type { Vault } from '@noy-db/hub'
import { fillFirm, openFirm } from '../fixture-firm.ts'
import { CrossVaultAggregation } from './cross-vault-aggregation.ts'
import { CrossVaultGroupedAggregation } from './cross-vault-grouped-aggregation.ts'

const spec = { rows: count(), total: sum('net'), mean: avg('net'), least: min('net'), most: max('net') }

/** The last value seen: two states cannot be merged. */
const last: Reducer<unknown> = {
  init: () => null,
  step: (_state, record) => (record as { net: number }).net,
  finalize: (state) => state,
}

describe('aggregate', () => {
  it('is over the union of the shards, not over their averages', async () => {
    const firm = await openFirm()
    await fillFirm(firm, { a: 1, b: 4 })
    const query = firm.group.collection('bills').query()
    expect(await query.aggregate(spec).run()).toEqual({
      result: { rows: 5, total: 11, mean: 2.2, least: 1, most: 4 },
      skippedVaults: [],
    })
    const none = await query.where('net', '>', 99).aggregate(spec).run()
    expect(none.result).toEqual({ rows: 0, total: 0, mean: null, least: null, most: null })
  })

  it('folded in shards and merged is the same as over all rows at once', async () => {
    const rows = fc.array(
      fc.record({
        client: fc.constantFrom('a', 'b', 'c'),
        net: fc.integer({ min: -99, max: 99 }),
        month: fc.constantFrom('01', '02'),
      }),
      { maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(rows, async (records) => {
        const { group } = await openFirm()
        await group.collection('bills').putMany(records.map((record, at) => ({ id: `${at}`, record })))
        const query = group.collection('bills').query()
        const bare = { fanoutRecords: (options: object) => query.fanoutRecords(options) }
        expect(await query.aggregate(spec).run()).toEqual(await new CrossVaultAggregation(bare, spec).run())
        const grouped = query.groupBy('month').aggregate(spec)
        expect(await grouped.run()).toEqual(await new CrossVaultGroupedAggregation(bare, 'month', spec).run())
      }),
      { numRuns: 15 },
    )
  })

  it('runs a reducer that cannot merge over all rows in registry order', async () => {
    const firm = await openFirm()
    await fillFirm(firm, { a: 3, b: 2 })
    const query = firm.group.collection('bills').query()
    expect((await query.aggregate({ last, rows: count() }).run()).result).toEqual({ last: 2, rows: 5 })
    expect((await query.groupBy('client').aggregate({ last }).run()).results).toEqual([
      { client: 'a', last: 3 },
      { client: 'b', last: 2 },
    ])
  })

  it('holds no row: a fold sees each chunk once', async () => {
    const template = {
      version: 1,
      configure: (vault: Vault) => void vault.collection('bills', { large: true }),
    }
    const firm = await openFirm({ template })
    await fillFirm(firm, { a: 1_200, b: 10 })
    const merge = vi.fn((left: number, right: number) => left + right)
    const seen: Reducer<number> = {
      init: () => 0,
      step: (state) => state + 1,
      merge,
      finalize: (state) => state,
    }
    expect((await firm.group.collection('bills').query().aggregate({ seen }).run()).result).toEqual({
      seen: 1_210,
    })
    expect(merge).toHaveBeenCalledTimes(2)
  })

  it('groups in first-seen order, with null and missing apart, and limits their number', async () => {
    const { group } = await openFirm()
    const months = ['02', null, undefined, '01', '02']
    await group.collection('bills').putMany(
      months.map((month, at) => ({
        id: `${at}`,
        record: { client: at < 3 ? 'a' : 'b', net: 1, month: month as string },
      })),
    )
    const { results } = await group
      .collection('bills')
      .query()
      .groupBy('month')
      .aggregate({ rows: count() })
      .run()
    expect(results).toEqual([
      { month: '02', rows: 2 },
      { month: null, rows: 1 },
      { month: undefined, rows: 1 },
      { month: '01', rows: 1 },
    ])
  })

  it('without a live binding cannot be live', () => {
    const source = { fanoutRecords: async () => ({ records: [], skippedVaults: [] }) }
    expect(() => new CrossVaultAggregation(source, spec).live()).toThrow('live binding')
    expect(() => new CrossVaultGroupedAggregation(source, 'x', spec).live()).toThrow('live binding')
  })
})
