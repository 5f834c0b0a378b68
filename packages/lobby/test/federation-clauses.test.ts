/** Clauses of the contract about groups that the suites beside the code do not show; docs/contract-coverage-lobby.md names each. */
import { NoAccessError, ref, STATE_VAULT_NAME } from '@noy-db/hub'
import { count, sum } from '@noy-db/hub/aggregate'
import { memory } from '@noy-db/hub/memory'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as lobbyExports from '../src/index.ts'
import { books, failingStore, fillFirm, openDb, openFirm } from '../src/federation/fixture-firm.ts'
import type { VaultTemplate } from '../src/index.ts'

afterEach(() => void vi.useRealTimers())

/** Counts whatever is asked of the store. */
function watched(inner = memory()) {
  const asked = vi.fn<(vault: string) => void>()
  const store = failingStore(inner, (_call, vault) => {
    asked(vault)
    return false
  })
  return { store, asked }
}

describe('exports', () => {
  it('are the error classes and functions of groups; their other classes come from the lobby alone', () => {
    for (const name of [
      'CrossShardJoinError',
      'DataResidencyError',
      'ReservedVaultNameError',
      'ShardProvisioningError',
      'UnknownShardError',
      'VaultTemplateNotFoundError',
      'createLobby',
      'Lobby',
      'groupInspector',
      'meterGroup',
      'CustodyApi',
      'liberateVault',
      'createDeedOwner',
      'loadDeedMarker',
      'isDeedVault',
    ]) {
      expect(lobbyExports).toHaveProperty(name, expect.any(Function))
    }
    for (const name of [
      'VaultGroup',
      'ShardedQuery',
      'StateManagementVault',
      'STATE_VAULT_NAME',
      'parseArgs',
    ])
      expect(lobbyExports).not.toHaveProperty(name)
  })
})

describe('groups', () => {
  it('keep the template they were opened with', async () => {
    const { lobby, group } = await openFirm()
    lobby.withVaultTemplate('books', { ...books, version: 9 })
    await group.createShard('a')
    expect(await group.allRows()).toMatchObject([{ schemaVersion: 1 }])
    const later = await lobby.openVaultGroup('later', {
      sharding: { keyOf: () => 'k', vaultTemplate: 'books' },
    })
    expect(later.template.version).toBe(9)
  })

  it('opened twice are two, each with derivations of its own; so are wrappers of the state vault', async () => {
    const { lobby, group } = await openFirm()
    const again = await lobby.openVaultGroup('firm', {
      sharding: { keyOf: ({ client }: { client: string }) => client, vaultTemplate: 'books' },
    })
    await fillFirm({ group } as Parameters<typeof fillFirm>[0], { a: 1 })
    group.withCrossVaultDerivation({
      source: 'bills',
      target: { vault: 'insights', collection: 'rows' },
      derive: (records) => ({ rows: records.length }),
    })
    expect(again).not.toBe(group)
    expect(await again.refreshInsights()).toEqual({ written: 0, skippedVaults: [] })
    expect((await group.refreshInsights()).written).toBe(1)
    const one = await lobby.openStateManagementVault()
    expect(await lobby.openStateManagementVault()).not.toBe(one)
  })

  it('touch no storage for a collection or a query', async () => {
    const { store, asked } = watched()
    const { group } = await openFirm({ store })
    asked.mockClear()
    const query = group.collection('bills').query().where('net', '>', 1).orderBy('net').limit(3)
    query
      .crossShardJoin('partner', { as: 'who' })
      .broadcastJoin('x', { as: 'y', from: { list: async () => [] } })
    expect(asked).not.toHaveBeenCalled()
  })

  it('with an explicit registry get a state vault with their first migration', async () => {
    const store = memory()
    const db = await openDb(store)
    const registry = (await db.openVault('control')).collection<lobbyExports.VaultRegistryRow>('shards')
    const lobby = lobbyExports.createLobby(db)
    const sharding = { keyOf: ({ client }: { client: string }) => client, vaultTemplate: 'books' }
    lobby.withVaultTemplate('books', books)
    await (await lobby.openVaultGroup('firm', { registry, sharding })).createShard('a')
    lobby.withVaultTemplate('books', { ...books, version: 2 })
    const group = await lobby.openVaultGroup('firm', { registry, sharding })
    expect(await store.listVaults()).not.toContain(STATE_VAULT_NAME)
    await group.migrateFleet()
    await group.createShard('b')
    const types = (await lobby.openStateManagementVault()).queryEvents().orderBy('seq').toArray()
    expect(types.map(({ type }) => type)).toEqual([
      'migration-started',
      'migration-completed',
      'shard-created',
    ])
  })
})

describe('registry rows', () => {
  it('of a shard change with its version alone', async () => {
    const store = memory()
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000 })
    await (await openFirm({ store })).group.createShard('a')
    vi.setSystemTime(9_000)
    const { group } = await openFirm({ store, template: { ...books, version: 2 } })
    const [before] = await group.allRows()
    expect(before).toMatchObject({ createdAt: 1_000, schemaVersion: 1 })
    await group.migrateShard('a')
    expect(await group.allRows()).toEqual([{ ...before, schemaVersion: 2 }])
  })

  it('are not asked for by openShard: a vault opens without one, and none is made', async () => {
    const { group, db, store } = await openFirm()
    await db.openVault('firm--loose')
    expect((await group.openShard('loose')).name).toBe('firm--loose')
    await expect(group.openShard('none')).rejects.toThrow(NoAccessError)
    expect(await store.list('firm--none', '_keyring')).toEqual([])
    expect(await group.allRows()).toEqual([])
  })

  it('above the template are read like any other', async () => {
    const store = memory()
    await fillFirm(await openFirm({ store, template: { ...books, version: 5 } }), { a: 1 })
    const { group } = await openFirm({ store })
    const { results, skippedVaults } = await group.collection('bills').query().toArray({ minVersion: 1 })
    expect([results.length, skippedVaults]).toEqual([1, []])
  })
})

describe('queries', () => {
  it('are immutable: every step gives another one', async () => {
    const firm = await openFirm()
    await fillFirm(firm, { a: 3 })
    const query = firm.group.collection('bills').query()
    const narrowed = query.where('net', '>', 1)
    const steps = [
      narrowed,
      query.limit(1),
      query.orderBy('net'),
      query.withShard(),
      query.broadcastJoin('x', { as: 'y', from: { list: async () => [] }, mode: 'cascade' }),
    ]
    expect(new Set([query, ...steps]).size).toBe(steps.length + 1)
    expect((await query.toArray()).results).toHaveLength(3)
    expect((await narrowed.toArray()).results).toHaveLength(2)
  })

  it('with a strict reference that dangles skip that shard, and the alias takes the place of a member', async () => {
    const strict: VaultTemplate = {
      version: 1,
      configure(vault) {
        vault.collection('bills', { refs: { partner: ref('partners', 'strict') } })
        vault.collection('partners')
      },
    }
    const store = memory()
    const loose = await openFirm({ store })
    for (const client of ['a', 'b'])
      await loose.group.collection('bills').put(client, { client, net: 1, partner: 'p' })
    await (await loose.group.shard('a')).collection('partners').put('p', { name: 'Pia' })
    const { group } = await openFirm({ store, template: strict })
    const joined = await group
      .collection('bills')
      .query()
      .crossShardJoin('partner', { as: 'partner' })
      .toArray()
    expect(joined.results).toEqual([{ client: 'a', net: 1, partner: { name: 'Pia' } }])
    expect(joined.skippedVaults).toMatchObject([
      { vaultId: 'firm--b', reason: 'error', error: { code: 'DANGLING_REFERENCE' } },
    ])
  })

  it('broadcast in call order: the later alias wins, and none sees the one before it', async () => {
    const firm = await openFirm()
    await firm.group.collection('bills').put('1', { client: 'a', net: 1, currency: 'EUR' })
    const from = (...list: object[]) => ({ list: async () => list })
    const { results } = await firm.group
      .collection('bills')
      .query()
      .broadcastJoin('currency', { as: 'fx', from: from({ id: 'EUR', zone: 'eu' }), mode: 'cascade' })
      .broadcastJoin('fx.zone', { as: 'zone', from: from({ id: 'eu' }), mode: 'cascade' })
      .broadcastJoin('net', { as: 'fx', from: from({ id: 1, by: 'number' }), mode: 'cascade' })
      .toArray()
    expect(results).toEqual([
      { client: 'a', net: 1, currency: 'EUR', zone: null, fx: { id: 1, by: 'number' } },
    ])
  })

  it('of a group without shards give what their reducers give of nothing', async () => {
    const { group } = await openFirm()
    const query = group.collection('bills').query()
    expect(await query.aggregate({ rows: count(), total: sum('net') }).run()).toEqual({
      result: { rows: 0, total: 0 },
      skippedVaults: [],
    })
    expect((await query.groupBy('client').aggregate({ rows: count() }).run()).results).toEqual([])
  })
})
