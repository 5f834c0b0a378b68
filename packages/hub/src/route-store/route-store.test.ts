import { describe, expect, it } from 'vitest'
import { StoreCapabilityError } from '../errors.ts'
import { memory } from '../memory.ts'
import { bareStore, session } from '../noydb/test-session.ts'
import { storeConformance } from '../testing.ts'
import type { EncryptedEnvelope, NoydbStore, TxOp } from '../types/store.ts'
import { routeStore } from './route-store.ts'

function envelope(ts = '2025-01-01T00:00:00.000Z'): EncryptedEnvelope {
  return { _noydb: 1, _v: 1, _ts: ts, _iv: '', _data: '{}' }
}

function put(vault: string, collection: string): TxOp {
  return { vault, collection, id: 'a', op: 'put', envelope: envelope() }
}

function setUp() {
  const [fallback, eu, invoices] = [memory(), memory(), memory()]
  const byVault = routeStore({ default: fallback, vaultRoutes: { 'eu-': eu } })
  const store = routeStore({ default: fallback, vaultRoutes: { 'eu-': eu }, routes: { invoices } })
  return { fallback, eu, invoices, byVault, store }
}

storeConformance('routed over one backend', async () => ({ store: routeStore({ default: memory() }) }), 'tx')
storeConformance(
  'routed with collections elsewhere',
  async () => ({
    store: routeStore({ default: memory(), routes: { invoices: memory(), _keyring: memory() } }),
  }),
  'cas',
)

describe('resolution', () => {
  it('takes the first matching prefix for every collection, reserved ones included', async () => {
    const { store, eu, fallback } = setUp()
    await store.put('eu-1', '_keyring', 'anna', envelope())
    await store.put('eu-1', 'invoices', 'a', envelope())
    expect(await eu.list('eu-1', '_keyring')).toEqual(['anna'])
    expect(await eu.list('eu-1', 'invoices')).toEqual(['a'])
    expect(await fallback.list('eu-1', '_keyring')).toEqual([])
  })

  it('routes user collections by name, reserved ones never', async () => {
    const { store, invoices, fallback } = setUp()
    await store.put('v', 'invoices', 'a', envelope())
    await store.put('v', '_keyring', 'anna', envelope())
    expect(await invoices.list('v', 'invoices')).toEqual(['a'])
    expect(await fallback.list('v', '_keyring')).toEqual(['anna'])
  })

  it('gives back the original store', () => {
    const { store, byVault, eu, fallback } = setUp()
    expect(store.resolveBackend('eu-x')).toBe(eu)
    expect(store.resolveBackend('other')).toBe(fallback)
    expect(byVault.capabilities).toBe(fallback.capabilities)
    expect(store.capabilities).toEqual({ casAtomic: true, auth: fallback.capabilities.auth })
  })
})

describe('whole vaults', () => {
  it('reads a prefixed vault from its backend only, others from all, newest first', async () => {
    const { store, fallback, invoices, eu } = setUp()
    await fallback.put('eu-1', 'clients', 'stray', envelope())
    await eu.put('eu-1', 'clients', 'a', envelope())
    expect(Object.keys((await store.loadAll('eu-1'))['clients'] ?? {})).toEqual(['a'])
    await fallback.put('v', 'invoices', 'a', envelope('2025-01-01T00:00:00.000Z'))
    await invoices.put('v', 'invoices', 'a', envelope('2025-06-01T00:00:00.000Z'))
    expect((await store.loadAll('v'))['invoices']?.['a']?._ts).toBe('2025-06-01T00:00:00.000Z')
  })

  it('saves each collection where it is routed', async () => {
    const { store, fallback, invoices } = setUp()
    await store.saveAll('v', { clients: { a: envelope() }, invoices: { b: envelope() } })
    expect(Object.keys(await fallback.loadAll('v'))).toEqual(['clients'])
    expect(Object.keys(await invoices.loadAll('v'))).toEqual(['invoices'])
  })
})

describe('optional methods', () => {
  it('are absent when no member has them', () => {
    const { get, put: write, delete: remove, list, loadAll, saveAll } = memory()
    const bare: NoydbStore = { get, put: write, delete: remove, list, loadAll, saveAll }
    const store = routeStore({ default: bare })
    expect([store.tx, store.getMany, store.listVaults, store.stats]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('list every vault once', async () => {
    const { store } = setUp()
    await store.put('v', 'clients', 'a', envelope())
    await store.put('v', 'invoices', 'a', envelope())
    await store.put('eu-1', 'clients', 'a', envelope())
    expect((await store.listVaults?.())?.sort()).toEqual(['eu-1', 'v'])
  })

  it('write a transaction that stays in one backend, and refuse one over two with nothing written', async () => {
    const { byVault } = setUp()
    await expect(byVault.tx?.([put('v', 'clients'), put('eu-1', 'clients')])).rejects.toThrow(
      StoreCapabilityError,
    )
    expect(await byVault.list('v', 'clients')).toEqual([])
    await byVault.tx?.([put('eu-1', 'clients'), put('eu-2', '_keyring')])
    expect(await byVault.list('eu-2', '_keyring')).toEqual(['a'])
  })

  it('have no transactions where collections of one vault are in two backends', () => {
    expect(setUp().store.tx).toBeUndefined()
  })

  it('that read or write rows are there only where every backend has them', async () => {
    const mixed = routeStore({ default: memory(), vaultRoutes: { 'b-': bareStore() } })
    for (const name of ['tx', 'listPage', 'listCollections', 'stats'] as const)
      expect(mixed[name]).toBeUndefined()
    expect(mixed.capabilities).not.toHaveProperty('txAtomic')
    expect(await mixed.ping?.()).toBe(true)
    expect(await mixed.listVaults?.()).toEqual([])
  })
})

describe('a hub', () => {
  it('works over backends of different abilities, in each of them', async () => {
    const [fallback, bare, lines] = [memory(), bareStore(), memory()]
    for (const store of [
      routeStore({ default: fallback, vaultRoutes: { 'b-': bare } }),
      routeStore({ default: fallback, vaultRoutes: { 'b-': bare }, routes: { lines } }),
      routeStore({ default: bare, vaultRoutes: { 'm-': fallback } }),
    ]) {
      for (const name of ['b-1', 'm-1', 'other']) {
        const vault = await (await session(store, { history: true, audit: true })).openVault(name)
        await vault.collection('lines').put('x', { n: 1 })
        await vault.collection('clients').putMany([{ id: 'y', record: { n: 2 } }])
        const again = await (await session(store)).openVault(name, { create: false })
        expect(await again.collection('lines').list()).toEqual([{ n: 1 }])
        expect(await again.collection('clients').list()).toEqual([{ n: 2 }])
        expect((await again.collections()).sort()).toEqual(['clients', 'lines'])
        expect(again.noydb._resolveBackend(name)).toBe(store.resolveBackend(name))
      }
    }
    expect(await lines.list('other', 'lines')).toEqual(['x'])
    expect(await lines.list('b-1', 'lines')).toEqual([])
  })

  it('refuses a transaction over two backends with nothing written', async () => {
    const store = routeStore({ default: memory(), vaultRoutes: { 'eu-': memory() } })
    const db = await session(store)
    const vaults = [await db.openVault('eu-1'), await db.openVault('us-1')] as const
    for (const vault of vaults) await vault.collection('c').put('first', {})
    const both = db.transaction((tx) => {
      for (const vault of vaults) tx.put(vault, 'c', 'second', {})
    })
    await expect(both).rejects.toThrow(StoreCapabilityError)
    for (const vault of vaults) expect(await vault.collection('c').count()).toBe(1)
  })
})
