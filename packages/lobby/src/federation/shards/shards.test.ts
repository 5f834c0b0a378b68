import { describe, expect, it, vi } from 'vitest'
import {
  DataResidencyError,
  NoAccessError,
  routeStore,
  ShardProvisioningError,
  UnknownShardError,
  ValidationError,
  type NoydbStore,
} from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { failingStore, openDb, openFirm } from '../fixture-firm.ts'

async function forgetVault(store: NoydbStore, vault: string): Promise<void> {
  for (const user of await store.list(vault, '_keyring')) await store.delete(vault, '_keyring', user)
}

describe('createShard', () => {
  it('makes, registers and logs a shard once, also when asked twice at the same time', async () => {
    const { group, lobby } = await openFirm()
    const [one, two] = await Promise.all([group.createShard('acme'), group.createShard('acme')])
    expect(one).toBe(two)
    expect(await group.createShard('acme')).toBe(one)
    expect(await group.allRows()).toMatchObject([
      { vaultId: 'firm--acme', partitionKey: 'acme', templateName: 'books', schemaVersion: 1, group: 'firm' },
    ])
    const state = await lobby.openStateManagementVault()
    const created = state.queryEvents().where('type', '==', 'shard-created').toArray()
    expect(created).toMatchObject([{ vaultId: 'firm--acme', templateName: 'books', version: 1 }])
  })

  it('follows the table of row and vault', async () => {
    const { group, store } = await openFirm()
    await group.createShard('gone')
    await forgetVault(store, 'firm--gone')
    await expect(group.createShard('gone')).rejects.toThrow(ShardProvisioningError)
    await expect(group.shard('gone')).rejects.toThrow(ShardProvisioningError)
    await expect(group.shard('never')).rejects.toThrow(UnknownShardError)
    await group.db.openVault('firm--adopted')
    await group.createShard('adopted')
    expect((await group.allRows()).map(({ partitionKey }) => partitionKey)).toEqual(['gone', 'adopted'])
  })

  it('adopts no vault of somebody else and leaves no keyring there', async () => {
    const { group, store } = await openFirm()
    await (await openDb(store, { user: 'bob' })).openVault('firm--bobs')
    await expect(group.createShard('bobs')).rejects.toThrow(NoAccessError)
    expect(await group.allRows()).toEqual([])
    expect(await store.list('firm--bobs', '_keyring')).toEqual(['bob'])
  })

  it('refuses a key that differs from another in case alone', async () => {
    const { group } = await openFirm()
    await group.createShard('Acme')
    await expect(group.createShard('ACME')).rejects.toThrow(ValidationError)
    await expect(group.collection('bills').put('b', { client: 'acme', net: 1 })).rejects.toThrow(
      ValidationError,
    )
  })

  it('works without encryption, where no vault has a keyring', async () => {
    const { group } = await openFirm({ encrypt: false })
    await group.createShard('acme')
    expect((await group.shard('acme')).name).toBe('firm--acme')
    expect(await group.collection('bills').query().toArray()).toEqual({ results: [], skippedVaults: [] })
  })

  it('writes row and event together or neither', async () => {
    let isBroken = false
    const store = failingStore(
      memory(),
      (call, _vault, collection) => isBroken && call === 'tx' && collection === 'deploymentEvents',
    )
    const { group } = await openFirm({ store })
    isBroken = true
    await expect(group.createShard('acme')).rejects.toThrow('disk')
    expect(await group.allRows()).toEqual([])
    isBroken = false
    await group.createShard('acme')
    expect(await group.allRows()).toHaveLength(1)
  })
})

describe('residency', () => {
  const inRegion = (region: string): NoydbStore => ({
    ...memory(),
    capabilities: { casAtomic: true, auth: { kind: 'none', required: false, flow: 'static' }, region },
  })
  const store = () =>
    routeStore({
      default: memory(),
      vaultRoutes: { 'firm--eu-': inRegion('eu'), 'firm--us-': inRegion('us') },
    })
  const regionOfKey = (key: string): string => key.slice(0, 2)

  it('is checked before anything is made, on every way in', async () => {
    const routed = store()
    const { group } = await openFirm({
      store: routed,
      sharding: { regionOf: ({ currency }) => (currency === 'EUR' ? 'eu' : 'us'), regionOfKey },
    })
    await expect(group.createShard('eu-a', 'us')).rejects.toThrow(DataResidencyError)
    await expect(group.createShard('xx-a')).rejects.toMatchObject({
      requiredRegion: 'xx',
      backendRegion: undefined,
    })
    const bills = group.collection('bills')
    await expect(bills.put('b', { client: 'eu-a', net: 1 })).rejects.toThrow(DataResidencyError)
    expect(await routed.list('firm--eu-a', '_keyring')).toEqual([])
    await bills.put('b', { client: 'eu-a', net: 1, currency: 'EUR' })
    expect(await group.allRows()).toMatchObject([{ region: 'eu' }])
    // The shard is there now; what does not belong into it is still refused.
    await expect(bills.put('c', { client: 'eu-a', net: 1 })).rejects.toThrow(DataResidencyError)
    const mixed = [
      { id: 'd', record: { client: 'eu-a', net: 1, currency: 'EUR' } },
      { id: 'e', record: { client: 'eu-a', net: 1 } },
    ]
    await expect(bills.putMany(mixed)).rejects.toThrow(DataResidencyError)
    expect((await bills.query().toArray()).results).toHaveLength(1)
  })

  it('is checked again when a shard is opened: its store may have been exchanged', async () => {
    const eu = inRegion('eu')
    const { store: state, group } = await openFirm({
      store: routeStore({ default: memory(), vaultRoutes: { 'firm--eu-': eu } }),
      sharding: { regionOfKey },
    })
    await group.createShard('eu-a')
    Object.assign(eu, { capabilities: { ...eu.capabilities, region: 'us' } })
    const { group: again } = await openFirm({ store: state, sharding: { regionOfKey } })
    await expect(again.shard('eu-a')).rejects.toThrow(DataResidencyError)
    const { skippedVaults } = await again.collection('bills').query().toArray()
    expect(skippedVaults).toMatchObject([
      { vaultId: 'firm--eu-a', reason: 'error', error: { code: 'DATA_RESIDENCY' } },
    ])
  })
})

describe('archived, removed and renamed shards', () => {
  it('an archived one is left out of fan-outs and closed to routed writes, until restored', async () => {
    const { group } = await openFirm()
    const bills = group.collection('bills')
    await bills.put('b', { client: 'acme', net: 1 })
    await group.archiveShard('acme')
    const query = bills.query()
    expect(await query.toArray()).toEqual({ results: [], skippedVaults: [] })
    expect((await query.toArray({ includeArchived: true })).results).toHaveLength(1)
    await expect(bills.put('c', { client: 'acme', net: 2 })).rejects.toMatchObject({ code: 'SHARD_ARCHIVED' })
    expect(await (await group.shard('acme')).collection('bills').count()).toBe(1)
    await group.restoreShard('acme')
    await bills.put('c', { client: 'acme', net: 2 })
    expect((await query.toArray()).results).toHaveLength(2)
  })

  it('a removed one is a tombstone: its key is not given out again, and it can come back', async () => {
    const { group, store } = await openFirm()
    const bills = group.collection('bills')
    await bills.put('b', { client: 'acme', net: 1 })
    expect(await group.removeShard('acme')).toMatchObject({ status: 'removed', vaultId: 'firm--acme' })
    expect(await group.allRows()).toEqual([])
    for (const attempt of [
      group.createShard('acme'),
      group.shard('acme'),
      group.openShard('acme'),
      bills.put('c', { client: 'acme', net: 1 }),
    ]) {
      await expect(attempt).rejects.toMatchObject({ code: 'SHARD_REMOVED' })
    }
    expect(await store.list('firm--acme', 'bills')).toEqual(['b'])
    await group.restoreShard('acme')
    expect((await bills.query().toArray()).results).toHaveLength(1)
    await expect(group.archiveShard('none')).rejects.toThrow(UnknownShardError)
  })

  it('a display name is read by who may open the shard, and stands nowhere in clear', async () => {
    const { group, store } = await openFirm()
    await group.createShard('k1', undefined, { displayName: 'Rossi & Figli' })
    await group.createShard('k2')
    await group.renameShard('k2', 'Bianchi')
    expect(await group.displayNames()).toEqual(
      new Map([
        ['k1', 'Rossi & Figli'],
        ['k2', 'Bianchi'],
      ]),
    )
    const row = await store.get('firm--k1', '_shard', '/profile')
    expect(row?._data).not.toContain('Rossi')
    expect(JSON.stringify(await group.allRows())).not.toContain('Rossi')
    await (await openDb(store, { user: 'bob' })).openVault('firm--k3')
    await group.db.transaction(async (tx) =>
      tx.put(await group.db.openVault('__noydb_state__'), 'vaultRegistry', 'firm--k3', {
        ...(await group.allRows())[0],
        vaultId: 'firm--k3',
        partitionKey: 'k3',
      }),
    )
    expect([...(await group.displayNames()).keys()]).toEqual(['k1', 'k2'])
  })
})

describe('configure', () => {
  it('runs once for each handle, before anybody uses it', async () => {
    const configure = vi.fn()
    const { group } = await openFirm({ template: { version: 1, configure } })
    configure.mockClear() // the manifest was taken with a stub
    const vault = await group.createShard('acme')
    for (let at = 0; at < 3; at += 1)
      await group.collection('bills').put(`${at}`, { client: 'acme', net: at })
    expect(configure.mock.calls).toEqual([[vault]])
  })
})
