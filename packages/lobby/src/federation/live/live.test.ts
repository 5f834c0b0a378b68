import { afterEach, describe, expect, it, vi } from 'vitest'
import { count, sum } from '@noy-db/hub/aggregate'
import type { NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { failingStore, fillFirm, openFirm, type Bill, type Firm } from '../fixture-firm.ts'
import type { CrossVaultLiveQuery } from '../types.ts'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function filled(counts = { a: 2, b: 1 }): Promise<Firm> {
  const firm = await openFirm()
  await fillFirm(firm, counts)
  return firm
}

/** Resolves at the next notification. */
function next(live: { subscribe(cb: () => void): () => void }): Promise<void> {
  return new Promise((resolve) => {
    const stop = live.subscribe(() => {
      stop()
      resolve()
    })
  })
}

const texts = (live: CrossVaultLiveQuery<Bill>): string[] =>
  live.value.map(({ client, net }) => `${client}${net}`)

/** Counts reads of the store by vault. */
function counting(inner: NoydbStore): { store: NoydbStore; reads: Map<string, number> } {
  const reads = new Map<string, number>()
  const store = failingStore(inner, (call, vault, collection) => {
    if (call === 'list' && collection === '_keyring') reads.set(vault, (reads.get(vault) ?? 0) + 1)
    return false
  })
  return { store, reads }
}

describe('a live query', () => {
  it('starts empty, becomes ready, and follows puts and deletes by any path', async () => {
    const { group } = await filled()
    const live = group.collection('bills').query().live()
    expect([live.value, live.error, live.skippedVaults]).toEqual([[], null, []])
    await live.ready
    expect(texts(live)).toEqual(['a1', 'a2', 'b1'])
    let told = next(live)
    await (await group.shard('a')).collection('bills').delete('a-1')
    await told
    expect(texts(live)).toEqual(['a2', 'b1'])
    told = next(live)
    await group.collection('bills').put('c-1', { client: 'c', net: 5 })
    await told
    expect(texts(live)).toEqual(['a2', 'b1', 'c5'])
    live.stop()
  })

  it('reads again only the shard that changed', async () => {
    const inner = memory()
    await fillFirm(await openFirm({ store: inner }), { a: 2, b: 1, c: 1 })
    const { store, reads } = counting(inner)
    const { group } = await openFirm({ store })
    const live = group.collection('bills').query().live()
    await live.ready
    const untouched = live.value[2]
    reads.clear()
    const told = next(live)
    await (await group.openShard('a')).collection('bills').put('a-1', { client: 'a', net: 9 })
    await told
    expect(texts(live)).toEqual(['a9', 'a2', 'b1', 'c1'])
    expect(live.value[2]).toBe(untouched)
    expect([...reads.keys()]).toEqual(['firm--a'])
    live.stop()
  })

  it('tells of the first result, and then only of one that differs', async () => {
    const { group } = await filled()
    const live = group.collection('bills').query().where('net', '>', 1).live()
    const total = group.collection('bills').query().aggregate({ rows: count() }).live()
    const [told, toldTotal] = [vi.fn(), vi.fn()]
    live.subscribe(told)
    total.subscribe(toldTotal)
    await Promise.all([live.ready, total.ready])
    expect([told.mock.calls.length, toldTotal.mock.calls.length]).toEqual([1, 1])
    const bills = group.collection('bills')
    const { value } = live
    await bills.put('a-2', { client: 'a', net: 2 }) // the same again
    await bills.put('b-1', { client: 'b', net: 0 }) // not in the result of either
    const last = next(live)
    await bills.put('a-2', { client: 'a', net: 3 })
    await last
    expect(told).toHaveBeenCalledTimes(2)
    expect(live.value).not.toBe(value)
    expect(toldTotal).toHaveBeenCalledTimes(1)
    live.stop()
    total.stop()
  })

  it('takes changes of one window together, and what comes while it computes into exactly one more', async () => {
    const { group } = await filled()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let gate = Promise.withResolvers<object[]>()
    const list = vi.fn(() => gate.promise) // asked once by each compute
    const bills = group.collection('bills')
    const live = bills
      .query()
      .broadcastJoin('x', { as: 'y', from: { list }, mode: 'cascade' })
      .live({ debounceMs: 50 })
    expect(list).not.toHaveBeenCalled()
    vi.advanceTimersByTime(49)
    expect(list).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    for (const net of [10, 11]) await bills.put('a-1', { client: 'a', net }) // while it computes
    gate.resolve([])
    await live.ready
    expect(list).toHaveBeenCalledTimes(1)
    gate = Promise.withResolvers()
    gate.resolve([])
    await bills.put('b-1', { client: 'b', net: 12 })
    vi.advanceTimersByTime(40)
    const told = next(live)
    await bills.put('b-1', { client: 'b', net: 13 }) // does not extend the window
    vi.advanceTimersByTime(10)
    await told
    expect(texts(live)).toEqual(['a11', 'a2', 'b13'])
    expect(list).toHaveBeenCalledTimes(2)
    expect(vi.getTimerCount()).toBe(0)
    live.stop()
  })

  it('is not moved by registry edits, other collections or other groups', async () => {
    const { group, db } = await filled()
    const live = group.collection('bills').query().live()
    await live.ready
    const told = vi.fn()
    live.subscribe(told)
    const [row] = await group.allRows()
    await group.registry.put('firm--x', { ...row!, vaultId: 'firm--x', partitionKey: 'x' })
    await (await group.shard('a')).collection('partners').put('p', {})
    await (await db.openVault('firm-other')).collection('bills').put('b', {})
    const done = next(live)
    await group.collection('bills').put('b-1', { client: 'b', net: 2 })
    await done
    expect(told).toHaveBeenCalledTimes(1)
    live.stop()
  })

  it('drops an archived shard and takes it back', async () => {
    const { group } = await filled()
    const live = group.collection('bills').query().live()
    await live.ready
    let told = next(live)
    await group.archiveShard('a')
    await told
    expect(texts(live)).toEqual(['b1'])
    told = next(live)
    await group.restoreShard('a')
    await told
    expect(texts(live).sort()).toEqual(['a1', 'a2', 'b1'])
    live.stop()
  })

  it('keeps the last good value on a failure, and recovers', async () => {
    const firm = await filled()
    let rates: Promise<object[]> = Promise.resolve([{ id: 'EUR', rate: 1 }])
    const query = firm.group
      .collection('bills')
      .query()
      .broadcastJoin('currency', { as: 'fx', from: { list: () => rates }, mode: 'cascade' })
    const live = query.live()
    await live.ready
    expect(live.value).toHaveLength(3)
    rates = Promise.reject(new Error('no rates'))
    rates.catch(() => undefined)
    let told = next(live)
    await firm.group.collection('bills').put('b-2', { client: 'b', net: 7 })
    await told
    expect([live.value.length, live.error?.message]).toEqual([3, 'no rates'])
    rates = Promise.resolve([{ id: 'EUR', rate: 2 }])
    told = next(live)
    await firm.group.collection('bills').put('a-3', { client: 'a', net: 7, currency: 'EUR' })
    await told
    expect([live.value.length, live.error]).toEqual([5, null])
    live.stop()
  })

  it('a shard that failed is tried again with the next change', async () => {
    const inner = memory()
    await fillFirm(await openFirm({ store: inner }), { a: 1, b: 1 })
    let isBroken = true
    const store = failingStore(inner, (call, vault) => isBroken && call === 'listPage' && vault === 'firm--b')
    const { group } = await openFirm({ store })
    const live = group.collection('bills').query().live()
    await live.ready
    expect([texts(live), live.skippedVaults.length]).toEqual([['a1'], 1])
    isBroken = false
    const told = next(live)
    await group.collection('bills').put('a-2', { client: 'a', net: 2 })
    await told
    expect([texts(live), live.skippedVaults]).toEqual([['a1', 'a2', 'b1'], []])
    live.stop()
  })

  it('a subscriber that throws, or stops it, disturbs nobody', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    const { group } = await filled()
    const live = group.collection('bills').query().live()
    live.subscribe(() => {
      throw new Error('widget')
    })
    const second = vi.fn()
    live.subscribe(second)
    await live.ready
    const told = next(live)
    await group.collection('bills').put('b-1', { client: 'b', net: 5 })
    await told
    expect(second).toHaveBeenCalledTimes(2)
    expect(warn).toHaveBeenCalledTimes(2)
    live.stop()
  })

  it('stop is final: ready resolves, nothing is told, the last value stays', async () => {
    const { group } = await filled()
    const early = group.collection('bills').query().live()
    early.stop()
    early.stop()
    await early.ready
    expect(early.value).toEqual([])
    const live = group.collection('bills').query().live()
    await live.ready
    const told = vi.fn()
    live.subscribe(told)
    live.stop()
    live.subscribe(told)()
    const other = group.collection('bills').query().live()
    await other.ready
    const moved = next(other)
    await group.collection('bills').put('b-1', { client: 'b', net: 5 })
    await moved
    expect(told).not.toHaveBeenCalled()
    expect(texts(live)).toEqual(['a1', 'a2', 'b1'])
    other.stop()
  })
})

describe('other live forms', () => {
  it('aggregates, groups and windows follow alike', async () => {
    const { group } = await filled({ a: 3, b: 2 })
    const query = group.collection('bills').query()
    const total = query.aggregate({ total: sum('net') }).live()
    const byClient = query
      .groupBy('client')
      .aggregate({ total: sum('net') })
      .live()
    const top = query.orderBy('net', 'desc').limit(2).live()
    expect([total.value, byClient.value, top.value]).toEqual([undefined, [], []])
    await Promise.all([total.ready, byClient.ready, top.ready])
    expect(total.value).toEqual({ total: 9 })
    expect(byClient.value).toEqual([
      { client: 'a', total: 6 },
      { client: 'b', total: 3 },
    ])
    expect(texts(top)).toEqual(['a3', 'a2'])
    const all = Promise.all([next(total), next(byClient), next(top)])
    await group.collection('bills').put('b-9', { client: 'b', net: 9 })
    await all
    expect(total.value).toEqual({ total: 18 })
    expect(byClient.value[1]).toEqual({ client: 'b', total: 12 })
    expect(texts(top)).toEqual(['b9', 'a3'])
    for (const live of [total, byClient, top]) live.stop()
  })
})
