import { afterEach, describe, expect, it, vi } from 'vitest'
import { STATE_VAULT_NAME, ValidationError, type NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { failingStore, fillFirm, openDb, openFirm, type Bill, type Firm } from '../fixture-firm.ts'
import type { CrossVaultDerivationSpec } from './types.ts'

afterEach(() => vi.restoreAllMocks())

interface Totals {
  total: number
}

const target = { vault: 'insights', collection: 'totals' }
const totals: CrossVaultDerivationSpec<Bill, Totals> = {
  source: 'bills',
  target,
  derive: (records) => ({ total: records.reduce((sum, { net }) => sum + net, 0) }),
}

async function filled(
  store: NoydbStore = memory(),
  spec: CrossVaultDerivationSpec<Bill, Totals> = totals,
): Promise<Firm> {
  const firm = await openFirm({ store })
  await fillFirm(firm, { a: 2, b: 1 })
  firm.group.withCrossVaultDerivation(spec)
  return firm
}

/** `[key, total, state]` of every summary. */
async function states({ group }: Firm): Promise<unknown[]> {
  const rows = await group.insightRows<Totals>(target)
  return rows.map(({ partitionKey, summary, freshness }) => [
    partitionKey,
    summary.total,
    freshness?.state ?? null,
  ])
}

describe('refreshInsights', () => {
  it('writes one row per shard under its key, and again only what changed', async () => {
    const firm = await filled()
    expect(await firm.group.refreshInsights()).toEqual({
      written: 2,
      skippedVaults: [],
      stale: [],
      departed: [],
    })
    expect(await states(firm)).toEqual([
      ['a', 3, 'fresh'],
      ['b', 1, 'fresh'],
    ])
    await firm.group.collection('bills').put('b-2', { client: 'b', net: 5 })
    expect((await firm.group.refreshInsights()).written).toBe(2)
    const rows = (await firm.db.openVault('insights')).collection('totals')
    expect((await rows.getMetadata('a'))?.version).toBe(1)
    expect((await rows.getMetadata('b'))?.version).toBe(2)
  })

  it('tells derive which shard it is, and reads nothing when nothing is registered', async () => {
    const firm = await openFirm()
    await fillFirm(firm, { a: 1 })
    expect(await firm.group.refreshInsights()).toEqual({ written: 0, skippedVaults: [] })
    const derive = vi.fn(() => ({ total: 0 }))
    firm.group.withCrossVaultDerivation<Bill, Totals>({ ...totals, derive })
    await firm.group.refreshInsights()
    expect(derive.mock.calls).toEqual([
      [[{ client: 'a', net: 1 }], { vaultId: 'firm--a', partitionKey: 'a', schemaVersion: 1 }],
    ])
  })

  it('a faulty shard is skipped once, keeps its row marked stale, and recovers', async () => {
    let broken = ''
    const inner = memory()
    await (await filled(inner)).group.refreshInsights()
    const store = failingStore(inner, (call, vault) => call === 'listPage' && vault === broken)
    broken = 'firm--a'
    const firm = await openFirm({ store })
    firm.group.withCrossVaultDerivation(totals)
    firm.group.withCrossVaultDerivation({ ...totals, target: { ...target, collection: 'others' } })
    const report = await firm.group.refreshInsights()
    expect(report).toMatchObject({
      written: 2,
      skippedVaults: [{ vaultId: 'firm--a', reason: 'error' }],
      stale: ['a'],
    })
    expect(await states(firm)).toEqual([
      ['a', 3, 'stale'],
      ['b', 1, 'fresh'],
    ])
    broken = ''
    expect(await firm.group.refreshInsights()).toMatchObject({ written: 4, skippedVaults: [], stale: [] })
    expect(await states(firm)).toEqual([
      ['a', 3, 'fresh'],
      ['b', 1, 'fresh'],
    ])
  })

  it('one derivation that throws costs one row', async () => {
    const firm = await filled()
    await firm.group.refreshInsights()
    firm.group.withCrossVaultDerivation<Bill, Totals>({
      ...totals,
      target: { ...target, collection: 'odd' },
      derive(_records, { partitionKey }) {
        if (partitionKey === 'a') throw new Error('odd client')
        return { total: 0 }
      },
    })
    const report = await firm.group.refreshInsights()
    expect(report).toMatchObject({
      written: 3,
      skippedVaults: [{ vaultId: 'firm--a', error: { message: 'odd client' } }],
    })
    expect(await states(firm)).toEqual([
      ['a', 3, 'fresh'],
      ['b', 1, 'fresh'],
    ])
  })

  it('marks what is behind stale and what left departed', async () => {
    const firm = await filled()
    await firm.group.refreshInsights()
    await firm.group.archiveShard('b')
    expect(await firm.group.refreshInsights({ minVersion: 2 })).toMatchObject({
      written: 0,
      stale: ['a'],
      departed: ['b'],
    })
    expect(await states(firm)).toEqual([
      ['a', 3, 'stale'],
      ['b', 1, 'departed'],
    ])
    await firm.group.restoreShard('b')
    await firm.group.refreshInsights()
    expect(await states(firm)).toEqual([
      ['a', 3, 'fresh'],
      ['b', 1, 'fresh'],
    ])
  })

  it('says no-grant for a shard of others, and leaves their summary as it is', async () => {
    const firm = await filled()
    await (await openDb(firm.store, { user: 'bob' })).openVault('firm--bobs')
    const [row] = await firm.group.allRows()
    await firm.group.registry.put('firm--bobs', { ...row!, vaultId: 'firm--bobs', partitionKey: 'bobs' })
    const report = await firm.group.refreshInsights()
    expect(report).toMatchObject({
      written: 2,
      skippedVaults: [{ vaultId: 'firm--bobs', reason: 'no-grant' }],
      stale: [],
    })
  })
})

describe('targets', () => {
  it.each(['firm', 'firm--a', 'firm--none', STATE_VAULT_NAME, 'other', 'other--x', 'control'])(
    '%s is refused',
    async (vault) => {
      const firm = await openFirm()
      const registry = (await firm.db.openVault('control')).collection<never>('registry')
      await firm.lobby.openVaultGroup('other', {
        registry,
        sharding: { keyOf: () => 'x', vaultTemplate: 'books' },
      })
      expect(() =>
        firm.group.withCrossVaultDerivation({ ...totals, target: { vault, collection: 'x' } }),
      ).toThrow(ValidationError)
    },
  )

  it('a shard of a group nobody opened is refused before anything is written', async () => {
    const firm = await filled()
    const other = await firm.lobby.openVaultGroup('other', {
      sharding: { keyOf: () => 'x', vaultTemplate: 'books' },
    })
    await other.createShard('x')
    const later = await openFirm({ store: firm.store })
    later.group.withCrossVaultDerivation({ ...totals, target: { vault: 'other--x', collection: 'totals' } })
    await expect(later.group.refreshInsights()).rejects.toThrow(ValidationError)
    expect(await firm.store.list('other--x', 'totals')).toEqual([])
  })
})

describe('automatic pushes', () => {
  const pushed = { ...totals, autoPush: true, retry: { firstMs: 1, mostMs: 4 } }

  it('follow writes to the source, for the derivations of that source alone', async () => {
    const firm = await filled(memory(), pushed)
    const derive = vi.fn(() => ({ total: 0 }))
    firm.group.withCrossVaultDerivation<never, Totals>({
      ...pushed,
      source: 'partners',
      target: { ...target, collection: 'p' },
      derive,
    })
    await firm.group.whenInsightsSettled()
    expect(derive).not.toHaveBeenCalled()
    await Promise.all([
      firm.group.collection('bills').put('a-9', { client: 'a', net: 10 }),
      firm.group.collection('bills').put('c-1', { client: 'c', net: 7 }),
    ])
    await firm.group.whenInsightsSettled()
    expect(await states(firm)).toEqual([
      ['a', 13, 'fresh'],
      ['c', 7, 'fresh'],
    ])
    expect(derive).not.toHaveBeenCalled()
  })

  it('that fail are tried again until they succeed, the row being stale meanwhile', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    let failures = 0
    const firm = await filled(memory(), {
      ...pushed,
      derive(records, context) {
        if (failures > 0) {
          failures -= 1
          throw new Error('not now')
        }
        return totals.derive(records, context)
      },
    })
    await firm.group.refreshInsights()
    failures = 3
    await firm.group.collection('bills').put('a-9', { client: 'a', net: 10 })
    await firm.group.whenInsightsSettled()
    expect(await states(firm)).toContainEqual(['a', 3, 'stale'])
    await vi.waitFor(async () => expect(await states(firm)).toContainEqual(['a', 13, 'fresh']))
    expect(warn).toHaveBeenCalledTimes(3)
  })

  it('of an archived shard mark its summary departed', async () => {
    const firm = await filled(memory(), pushed)
    await firm.group.refreshInsights()
    await firm.group.archiveShard('a')
    await (await firm.group.openShard('a')).collection('bills').put('a-9', { client: 'a', net: 1 })
    await firm.group.whenInsightsSettled()
    expect(await states(firm)).toEqual([
      ['a', 3, 'departed'],
      ['b', 1, 'fresh'],
    ])
  })

  it('end with the group', async () => {
    const firm = await filled(memory(), pushed)
    firm.group.dispose()
    await firm.group.collection('bills').put('a-9', { client: 'a', net: 10 })
    await firm.group.whenInsightsSettled()
    expect(await firm.store.list('insights', 'totals')).toEqual([])
  })
})
