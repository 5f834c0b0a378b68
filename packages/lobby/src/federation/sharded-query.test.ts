import { describe, expect, it, vi } from 'vitest'
import { NoAccessError, ShardProvisioningError } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { failingStore, fillFirm, openDb, openFirm, type Firm } from './fixture-firm.ts'
import type { SkippedVault } from './types.ts'

async function filled(counts = { a: 2, b: 1, c: 3 }): Promise<Firm> {
  const firm = await openFirm()
  await fillFirm(firm, counts)
  return firm
}

const skips = (skipped: readonly SkippedVault[]) => skipped.map(({ vaultId, reason }) => [vaultId, reason])

/** Registers a shard as another user's firm would have: a vault and a row, and no keyring of ours. */
async function foreignShard({ group, store }: Firm, key: string): Promise<void> {
  await (await openDb(store, { user: 'bob' })).openVault(`firm--${key}`)
  await addRow({ group } as Firm, key)
}

async function addRow({ group }: Firm, key: string, schemaVersion = 1): Promise<void> {
  const row = {
    vaultId: `firm--${key}`,
    partitionKey: key,
    templateName: 'books',
    schemaVersion,
    createdAt: 0,
    group: 'firm',
  }
  await group.registry.put(row.vaultId, row)
}

describe('toArray', () => {
  it('gives the rows of every shard in registry order, whatever the concurrency', async () => {
    const { group } = await filled()
    const query = group.collection('bills').query()
    const one = await query.toArray({ concurrency: 1 })
    expect(one.results.map(({ client, net }) => `${client}${net}`)).toEqual([
      'a1',
      'a2',
      'b1',
      'c1',
      'c2',
      'c3',
    ])
    expect(await query.toArray({ concurrency: 100 })).toEqual(one)
    expect((await query.where('net', '>', 1).where('client', '==', 'c').toArray()).results).toHaveLength(2)
  })

  it('reads no other group in the same registry', async () => {
    const firm = await filled()
    const other = await firm.lobby.openVaultGroup('firm-2', {
      sharding: { keyOf: () => 'x', vaultTemplate: 'books' },
    })
    await other.collection<object>('bills').put('b', {})
    expect((await firm.group.collection('bills').query().toArray()).results).toHaveLength(6)
    expect((await other.collection('bills').query().toArray()).results).toHaveLength(1)
  })

  it('skips what is behind, absent, not granted or faulty, in this order', async () => {
    const inner = memory()
    await fillFirm(await openFirm({ store: inner }), { a: 1, broken: 1, z: 1 })
    const store = failingStore(inner, (call, vault) => call === 'listPage' && vault === 'firm--broken')
    const firm = await openFirm({ store })
    await foreignShard({ ...firm, store: inner }, 'bobs')
    await addRow(firm, 'nowhere', 2)
    await addRow(firm, 'old', 0)
    const { results, skippedVaults } = await firm.group.collection('bills').query().toArray({ minVersion: 1 })
    expect(results).toHaveLength(2)
    expect(skips(skippedVaults)).toEqual([
      ['firm--old', 'schema-drift'],
      ['firm--nowhere', 'error'],
      ['firm--broken', 'error'],
      ['firm--bobs', 'no-grant'],
    ])
    expect(skippedVaults[0]).not.toHaveProperty('error')
    expect(skippedVaults[1]?.error).toBeInstanceOf(ShardProvisioningError)
    expect(skippedVaults[2]?.error?.message).toMatch('disk')
    expect(skippedVaults[3]?.error).toBeInstanceOf(NoAccessError)
  })

  it('refuses once the instance is closed', async () => {
    const { group, db } = await filled()
    const query = group.collection('bills').query()
    await query.toArray()
    db.close()
    await expect(query.toArray()).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  it('a probe that fails is a skip of its shard', async () => {
    const inner = memory()
    await fillFirm(await openFirm({ store: inner }), { a: 1, b: 1 })
    const store = failingStore(inner, (call, vault) => call === 'list' && vault === 'firm--a')
    const { group } = await openFirm({ store })
    const { results, skippedVaults } = await group.collection('bills').query().toArray()
    expect(results).toHaveLength(1)
    expect(skips(skippedVaults)).toEqual([['firm--a', 'error']])
  })

  it('a damaged record is a skip of its shard', async () => {
    const firm = await filled()
    const stored = await firm.store.get('firm--b', 'bills', 'b-1')
    const data = stored!._data.startsWith('A') ? `B${stored!._data.slice(1)}` : `A${stored!._data.slice(1)}`
    await firm.store.put('firm--b', 'bills', 'b-1', { ...stored!, _data: data })
    const { group } = await openFirm({ store: firm.store })
    const { results, skippedVaults } = await group.collection('bills').query().toArray()
    expect(results).toHaveLength(5)
    expect(skippedVaults).toMatchObject([
      { vaultId: 'firm--b', reason: 'error', error: { code: 'TAMPERED' } },
    ])
  })

  it('gives up on a shard that does not answer in time, tells how far it is, and stops when asked', async () => {
    const inner = memory()
    await fillFirm(await openFirm({ store: inner }), { a: 1, slow: 1, z: 1 })
    const never = new Promise<never>(() => undefined)
    const store = {
      ...inner,
      listPage: (vault: string, ...rest: [string, string?, number?]) =>
        vault === 'firm--slow' ? never : inner.listPage(vault, ...rest),
    }
    const { group } = await openFirm({ store })
    const query = group.collection('bills').query()
    const progress: [number, number][] = []
    const { results, skippedVaults } = await query.toArray({
      shardTimeoutMs: 20,
      onProgress: (...step) => progress.push(step),
    })
    expect(results).toHaveLength(2)
    expect(skippedVaults).toMatchObject([
      { vaultId: 'firm--slow', reason: 'error', error: { code: 'SHARD_TIMEOUT' } },
    ])
    expect(progress).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
    const stop = new AbortController()
    const running = query.toArray({ signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    await expect(query.aggregate({}).run({ signal: stop.signal })).rejects.toThrow('enough')
  })

  it('withShard says where each row came from', async () => {
    const { group } = await filled({ a: 1, b: 0, c: 1 })
    const { results } = await group.collection('bills').query().withShard().toArray()
    expect(results).toEqual([
      { client: 'a', net: 1, shard: { vaultId: 'firm--a', partitionKey: 'a', id: 'a-1' } },
      { client: 'c', net: 1, shard: { vaultId: 'firm--c', partitionKey: 'c', id: 'c-1' } },
    ])
    const named = await group.collection('bills').query().withShard('from').limit(1).toArray()
    expect(named.results[0]?.from.id).toBe('a-1')
  })
})

describe('crossShardJoin', () => {
  async function withPartners(): Promise<Firm> {
    const firm = await openFirm()
    for (const key of ['a', 'b']) {
      const shard = await firm.group.createShard(key)
      await shard.collection('partners').put('p1', { name: `partner of ${key}` })
      await shard.collection('bills').put('1', { client: key, net: 1, partner: 'p1' })
      await shard.collection('bills').put('2', { client: key, net: 2 })
    }
    return openFirm({ store: firm.store })
  }

  it('attaches the record of the same shard; clauses come before joins', async () => {
    const { group } = await withPartners()
    const query = group.collection('bills').query().crossShardJoin('partner', { as: 'who' })
    const { results } = await query.where('net', '==', 1).toArray()
    expect(results).toMatchObject([
      { client: 'a', who: { name: 'partner of a' } },
      { client: 'b', who: { name: 'partner of b' } },
    ])
    expect((await query.where('who.name', '==', 'partner of a').toArray()).results).toEqual([])
  })

  it('without a declared reference rejects once, with no eligible shard not at all', async () => {
    const { group } = await withPartners()
    const bad = group.collection('bills').query().crossShardJoin('net', { as: 'x' })
    await expect(bad.toArray()).rejects.toMatchObject({ code: 'CROSS_SHARD_JOIN' })
    const { group: empty } = await openFirm()
    expect(
      (await empty.collection('bills').query().crossShardJoin('net', { as: 'x' }).toArray()).results,
    ).toEqual([])
  })

  it('a first shard that cannot be opened is a skip like any other', async () => {
    const firm = await withPartners()
    await (await openDb(firm.store, { user: 'bob' })).openVault('firm--0')
    await addRow(firm, '0')
    const { group } = await openFirm({ store: firm.store })
    const { results, skippedVaults } = await group
      .collection('bills')
      .query()
      .crossShardJoin('partner', { as: 'who' })
      .toArray()
    expect(results).toHaveLength(4)
    expect(skips(skippedVaults)).toEqual([['firm--0', 'no-grant']])
  })

  it('a row ceiling holds for each shard', async () => {
    const { group } = await withPartners()
    const { skippedVaults } = await group
      .collection('bills')
      .query()
      .crossShardJoin('partner', { as: 'who', maxRows: 1 })
      .toArray()
    expect(skippedVaults).toMatchObject([
      { error: { code: 'JOIN_TOO_LARGE' } },
      { error: { code: 'JOIN_TOO_LARGE' } },
    ])
  })

  it('joined rows aggregate', async () => {
    const { group } = await withPartners()
    const query = group.collection('bills').query().crossShardJoin('partner', { as: 'who' })
    const { results } = await query.groupBy('who.name').aggregate({}).run()
    expect(results).toEqual([
      { 'who.name': 'partner of a' },
      { 'who.name': undefined },
      { 'who.name': 'partner of b' },
    ])
  })
})

describe('broadcastJoin', () => {
  const rates = [
    { id: 'EUR', rate: 1 },
    { id: 'USD', rate: 2 },
    { id: 'USD', rate: 3 },
    { id: 7, rate: 4 },
  ]

  it('attaches frozen records, the first of duplicates, and null on a miss', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    const firm = await openFirm()
    const list = vi.fn(async () => rates)
    const bills = firm.group.collection('bills')
    const currencies = ['EUR', 'USD', 'XXX', undefined]
    await bills.putMany(
      currencies.map((currency, at) => ({
        id: `${at}`,
        record: { client: 'a', net: at, ...(currency && { currency }) },
      })),
    )
    const query = bills.query().broadcastJoin('currency', { as: 'fx', from: { list } })
    const { results } = await query.toArray()
    expect(results.map((row) => (row as { fx?: { rate: number } | null }).fx?.rate ?? null)).toEqual([
      1,
      2,
      null,
      null,
    ])
    expect(() => Object.assign((results[0] as unknown as { fx: object }).fx, { rate: 9 })).toThrow(TypeError)
    expect(rates[0]).toEqual({ id: 'EUR', rate: 1 })
    expect(Object.isFrozen(rates[0])).toBe(false)
    await query.toArray()
    expect(list).toHaveBeenCalledTimes(2)
    expect(warn.mock.calls.map(([text]) => String(text))).toEqual([
      expect.stringContaining('USD occurs more than once'),
      expect.stringContaining('no record for currency XXX'),
      expect.stringContaining('no record for currency <null>'),
    ])
    warn.mockRestore()
  })

  it('reads its source even for no rows, and fails with it', async () => {
    const { group } = await openFirm()
    const from = { list: () => Promise.reject(new Error('no rates')) }
    await expect(
      group.collection('bills').query().broadcastJoin('x', { as: 'y', from }).toArray(),
    ).rejects.toThrow('no rates')
  })

  it('goes through a co-partitioned alias, is silent with cascade, and takes a hub collection', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    const firm = await openFirm()
    const shard = await firm.group.createShard('a')
    await shard.collection('partners').put('p1', { country: 'DE' })
    await firm.group.collection('bills').put('1', { client: 'a', net: 1, partner: 'p1' })
    await firm.group.collection('bills').put('2', { client: 'a', net: 1 })
    const countries = (await firm.db.openVault('shared')).collection<object>('countries')
    await countries.put('de', { code: 'DE', name: 'Germany' })
    const { results } = await firm.group
      .collection('bills')
      .query()
      .crossShardJoin('partner', { as: 'who' })
      .broadcastJoin('who.country', { as: 'country', from: countries, on: 'code', mode: 'cascade' })
      .toArray()
    expect(results).toMatchObject([{ country: { name: 'Germany' } }, { country: null }])
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })
})
