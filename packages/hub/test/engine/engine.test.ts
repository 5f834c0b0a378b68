/** Contract section 18: what an engine does to the hub all day. */
import {
  createNoydb,
  ref,
  routeStore,
  STATE_VAULT_NAME,
  UnknownShardError,
  type Noydb,
  type NoydbStore,
  type Vault,
} from '@noy-db/hub'
import { avg, count, sum } from '@noy-db/hub/aggregate'
import { memory } from '@noy-db/hub/memory'
import { beforeEach, describe, expect, it } from 'vitest'
import { Group, type Template } from './group.ts'

interface Invoice {
  readonly client: string
  readonly net: number
}

let configured = 0

/** Applied to the same vault handle at every operation. */
const template: Template = {
  name: 'books',
  configure(vault) {
    configured += 1
    vault.collection('clients', { indexes: ['name'] })
    vault.collection<Invoice>('invoices', { refs: { client: ref('clients') }, provenance: true })
  },
}

const open = (store: NoydbStore, user = 'ann'): Promise<Noydb> =>
  createNoydb({ store, user, secret: 'x', kdf: { memoryKiB: 8, passes: 1, parallelism: 1 } })

let store: NoydbStore
let db: Noydb
let group: Group

beforeEach(async () => {
  configured = 0
  store = memory()
  db = await open(store)
  group = new Group(db, 'firm', template)
  for (const [at, key] of ['north', 'south.1', 'west_2'].entries()) {
    const vault = await group.provision(key)
    await vault.collection('clients').put('k', { name: key })
    await vault.collection<Invoice>('invoices').put('i:1', { client: 'k', net: 10 * (at + 1) })
  }
})

describe('a group over the hub', () => {
  it('keeps its registry as ordinary rows of the state vault, found again by another session', async () => {
    expect(await store.list(STATE_VAULT_NAME, 'firm-registry')).toEqual([
      'firm--north',
      'firm--south.1',
      'firm--west_2',
    ])
    const later = new Group(await open(store), 'firm', template)
    expect((await later.rows()).map(({ partitionKey }) => partitionKey)).toEqual([
      'north',
      'south.1',
      'west_2',
    ])
    expect((await later.shard('south.1')).name).toBe('firm--south.1')
    await expect(later.shard('nowhere')).rejects.toThrow(UnknownShardError)
  })

  it('fans out over shards in registry order, however often a template was applied', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { rows, skipped } = await group.fanOut<Invoice>('invoices', [
        { field: 'net', op: '>', value: 10 },
      ])
      expect(rows).toEqual([
        { client: 'k', net: 20 },
        { client: 'k', net: 30 },
      ])
      expect(skipped).toEqual([])
    }
    expect(configured).toBe(12)
  })

  it('joins inside each shard', async () => {
    const { rows } = await group.fanOut<Invoice & { who: { name: string } | null }>(
      'invoices',
      [],
      [{ field: 'client', as: 'who', strategy: 'nested', maxRows: 10 }],
    )
    expect(rows.map(({ who }) => who?.name)).toEqual(['north', 'south.1', 'west_2'])
  })

  it('tells shards without a grant from shards with a fault', async () => {
    await (await open(store, 'eve')).openVault('firm--foreign')
    const registry = (await db.openVault(STATE_VAULT_NAME)).collection('firm-registry')
    await registry.put('firm--foreign', { vaultId: 'firm--foreign', partitionKey: 'foreign' })
    await registry.put('firm--never', { vaultId: 'firm--never', partitionKey: 'never' })
    const envelope = await store.get('firm--south.1', 'invoices', 'i:1')
    if (envelope === null) throw new Error('not stored')
    await store.put('firm--south.1', 'invoices', 'i:1', { ...envelope, _ts: '2020-01-01T00:00:00.000Z' })
    const { rows, skipped } = await new Group(await open(store), 'firm', template).fanOut('invoices')
    expect(rows).toHaveLength(2)
    expect(skipped).toEqual([
      { vault: 'firm--south.1', reason: 'error' },
      { vault: 'firm--foreign', reason: 'not-granted' },
      { vault: 'firm--never', reason: 'not-granted' },
    ])
    expect(await db._shardVaultProvisioned('firm--foreign')).toBe(true)
    expect(await db._shardVaultProvisioned('firm--never')).toBe(false)
  })

  it('reduces over all shards at once, so that a mean is the mean of rows', async () => {
    const spec = { n: count(), net: sum('net'), mean: avg('net') }
    expect(await group.aggregate('invoices', spec)).toEqual({ n: 3, net: 60, mean: 20 })
    const rows = await group.groupBy<{ client: string; n: number }>('invoices', 'client', { n: count() })
    expect(rows).toEqual([{ client: 'k', n: 3 }])
  })

  it('follows changes of any shard through one subscription, until it stops', async () => {
    const live = group.live<Invoice>('invoices')
    await live.ready
    let told = 0
    live.subscribe(() => (told += 1))
    const vault = await group.shard('north')
    await vault.collection<Invoice>('invoices').put('i:2', { client: 'k', net: 5 })
    await live.ready
    expect([live.value.length, told]).toEqual([4, 1])
    await vault.collection('invoices').delete('i:2')
    await live.ready
    expect([live.value.length, told]).toEqual([3, 2])
    live.stop()
    await vault.collection<Invoice>('invoices').put('i:2', { client: 'k', net: 5 })
    await live.ready
    expect([live.value.length, told]).toEqual([3, 2])
  })

  it('reads the backend and the clear members of a row through the adapter', async () => {
    const eu = memory()
    const routed = routeStore({ default: memory(), vaultRoutes: { 'firm--eu': eu } })
    const own = new Group(await open(routed), 'firm', template)
    const vault = await own.provision('eu-1')
    expect(own.storeOf('firm--eu-1')).toBe(eu)
    await vault.collection('clients').put('k', { name: 'Rossi' })
    await vault
      .collection<Invoice>('invoices')
      .put('i', { client: 'k', net: 1 }, { reason: 'merge', source: 'bank' })
    const { adapter, name } = vault._introspectState()
    const row = await adapter.get(name, 'invoices', 'i')
    expect(adapter).toBe(routed)
    expect(row?._source).toBe('bank')
    expect(row?._sourceTs).toBe(row?._ts)
  })
})

describe('work at once', () => {
  it('of four migrations on the same three state collections loses nothing', async () => {
    const names = ['migrationStatus', 'deploymentEvents', 'schemaManifest']
    const fresh = await open(memory())
    const migrate = async (shard: number): Promise<void> => {
      const state = await fresh.openVault(STATE_VAULT_NAME)
      for (const name of names) await state.collection(name).put(`shard--${shard}`, { shard })
      await state.collection('migrationStatus').put(`shard--${shard}`, { shard, status: 'done' })
    }
    await Promise.all([0, 1, 2, 3].map(migrate))
    const state = await fresh.openVault(STATE_VAULT_NAME)
    for (const name of names) expect(await state.collection(name).count()).toBe(4)
    const rows = state.collection<{ status?: string }>('migrationStatus').query().toArray()
    expect(rows.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'done'])
  })
})

describe('a template', () => {
  it('is run against a recording proxy without the hub noticing', () => {
    const declared: string[] = []
    const recorder = {
      collection: (name: string, options: object) =>
        void declared.push(`${name} ${Object.keys(options).join()}`),
    }
    template.configure(recorder as unknown as Vault) // what an engine does to fingerprint a template
    expect(declared).toEqual(['clients indexes', 'invoices refs,provenance'])
  })
})
