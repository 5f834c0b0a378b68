/** Contract sections 4 to 7 and 16: records, stores and envelopes, where the tests beside the code say less. */
import type { EncryptedEnvelope, NoydbStore, VaultSnapshot } from '@noy-db/hub'
import { describe, expect, it, vi } from 'vitest'
import { adoptPartition, createOwnerOnAdoptedPartition, extractPartition } from '@noy-db/hub/bundle'
import { memory } from '../../src/memory.ts'
import { bareStore, CHEAP_KDF, session } from '../../src/noydb/test-session.ts'

const openIn = async (store: NoydbStore, options = {}) => (await session(store, options)).openVault('v')

describe('4 vaults', () => {
  it('declared but never written collections do not appear, in either listing', async () => {
    const vault = await openIn(memory())
    vault.collection('declared')
    expect(await vault.collections()).toEqual([])
    await vault.collection('declared').put('x', {})
    await vault.collection('declared').delete('x')
    expect(await vault.collections()).toEqual([])
  })

  it('a schema dump is the sorted union of opened and stored collections, reserved ones left out', async () => {
    const store = memory()
    await (await openIn(store)).collection('stored').put('x', { n: 'ä' })
    const vault = await openIn(store)
    vault.collection('opened', { indexes: ['n'] })
    const { collections } = await vault.dumpSchema({ withStats: true })
    expect(Object.keys(collections)).toEqual(['opened', 'stored'])
    const bytes = collections.stored?.stats?.bytes ?? 0
    expect(collections.stored?.stats).toMatchObject({ records: 1, bytesMin: bytes, bytesMax: bytes })
    expect(collections.stored?.stats?.oldest).toBe(collections.stored?.stats?.newest)
    expect((await vault.dumpSchema()).collections.stored).not.toHaveProperty('stats')
  })
})

describe('5 records', () => {
  it('have no id member unless their caller gave them one', async () => {
    const store = memory()
    const record = { name: 'no id here' }
    await (await openIn(store)).collection('c').put('x', record)
    expect(record).toEqual({ name: 'no id here' })
    const again = (await openIn(store)).collection('c')
    expect(await again.list()).toEqual([{ name: 'no id here' }])
    await again.put('y', { id: 'another' })
    expect(await again.get('y')).toEqual({ id: 'another' })
  })

  it('that are missing are null, not undefined, in every way of asking', async () => {
    const collection = (await openIn(memory())).collection('c')
    expect(await collection.get('x')).toBe(null)
    expect(await collection.entry('x')).toBe(null)
    expect(await collection.getMetadata('x')).toBe(null)
    expect(collection.query().first()).toBe(null)
  })

  it('come in the order of the store, then of first insertion; overwriting keeps the place', async () => {
    const store = memory()
    const first = (await openIn(store)).collection('c')
    for (const id of ['m', 'a']) await first.put(id, { id })
    const collection = (await openIn(store)).collection<{ id: string; again?: boolean }>('c')
    await collection.list()
    for (const id of ['z', 'b', 'a']) await collection.put(id, { id })
    const stored = (await store.list('v', 'c')).filter((id) => 'ma'.includes(id))
    expect((await collection.list()).map(({ id }) => id)).toEqual([...stored, 'z', 'b'])
    expect(collection.query().toArray()).toEqual(await collection.list())
  })

  it('of one collection may be unreadable while others are read', async () => {
    const inner = memory()
    const before = await openIn(inner)
    for (const name of ['good', 'bad']) await before.collection(name).put('x', { name })
    const store: NoydbStore = {
      ...bareStore(inner),
      list: (vault, name) => (name === 'bad' ? Promise.reject(new Error('disk')) : inner.list(vault, name)),
    }
    const vault = await openIn(store)
    await expect(vault.collection('bad').get('x')).rejects.toThrow('disk')
    await expect(vault.collection('bad').list()).rejects.toThrow('disk')
    expect(await vault.collection('good').list()).toEqual([{ name: 'good' }])
  })

  it('of two instances are last-write-wins on a store without transactions, also when several go together', async () => {
    const store = bareStore()
    const [left, right] = [await session(store, { audit: true }), await session(store, { audit: true })]
    const putBoth = async (db: typeof left, from: string) => {
      const vault = await db.openVault('v')
      await db.transaction((tx) => {
        for (const id of ['x', 'y']) tx.put(vault, 'c', id, { from })
      })
    }
    await putBoth(left, 'left')
    await putBoth(right, 'right')
    await putBoth(left, 'left again')
    expect(await (await openIn(store)).collection('c').list()).toEqual([
      { from: 'left again' },
      { from: 'left again' },
    ])
  })

  it('are put without an expected version on a store that compares nothing: the last write wins', async () => {
    const inner = bareStore()
    const expected: unknown[] = []
    const store: NoydbStore = {
      ...inner,
      put: (vault, collection, id, envelope, version) => {
        if (collection === 'c') expected.push(version)
        return inner.put(vault, collection, id, envelope, version)
      },
    }
    const [left, right] = [(await openIn(store)).collection('c'), (await openIn(store)).collection('c')]
    await left.put('x', { from: 'left' })
    await right.put('x', { from: 'right' })
    await left.put('x', { from: 'left again' })
    expect(expected).toEqual([undefined, undefined, undefined])
    expect(await (await openIn(store)).collection('c').get('x')).toEqual({ from: 'left again' })
  })

  it('that are absent are deleted quietly, and said to be', async () => {
    const db = await session(memory())
    const told = vi.fn()
    db.on('change', told)
    await (await db.openVault('v')).collection('c').delete('never')
    expect(told).toHaveBeenCalledExactlyOnceWith({
      vault: 'v',
      collection: 'c',
      id: 'never',
      action: 'delete',
    })
  })
})

/** Refuses to be changed by whoever was given one of its envelopes, and freezes those it is given. */
function freezing(inner: NoydbStore): NoydbStore {
  return {
    ...bareStore(inner),
    get: async (...place) => Object.freeze(await inner.get(...place)),
    put: (vault, collection, id, envelope, version) =>
      inner.put(vault, collection, id, Object.freeze(envelope), version),
  }
}

/** Adds to what is there instead of replacing it; the contract allows both. */
function merging(inner: NoydbStore): NoydbStore {
  return {
    ...bareStore(inner),
    async saveAll(vault, data) {
      for (const [collection, rows] of Object.entries(data)) {
        for (const [id, envelope] of Object.entries(rows)) await inner.put(vault, collection, id, envelope)
      }
    },
  }
}

/** Gives reserved collections too; the hub filters them again. */
function talkative(inner: NoydbStore): NoydbStore {
  return {
    ...bareStore(inner),
    async loadAll(vault): Promise<VaultSnapshot> {
      const keyring: Record<string, EncryptedEnvelope> = {}
      for (const id of await inner.list(vault, '_keyring')) {
        const envelope = await inner.get(vault, '_keyring', id)
        if (envelope !== null) keyring[id] = envelope
      }
      return { _keyring: keyring, ...(await inner.loadAll(vault)) }
    },
  }
}

describe.each([
  ['that keeps envelopes by reference', freezing],
  ['whose saveAll merges', merging],
  ['whose loadAll gives reserved collections too', talkative],
])('6 a store of six methods %s', (_name, over) => {
  it('holds what a session, its history, its trail and an adoption need', async () => {
    const store = over(memory())
    const vault = await openIn(store, { history: true, audit: true })
    const collection = vault.collection('c')
    await collection.putMany([1, 2].map((n) => ({ id: `r${n}`, record: { n } })))
    await collection.put('r1', { n: 11 })
    await collection.delete('r2')
    expect((await collection.history('r1')).map(({ record }) => record)).toEqual([{ n: 11 }, { n: 1 }])
    expect(await vault.audit.verify()).toMatchObject({ ok: true, entries: 3 })
    expect(await vault.collections()).toEqual(['c'])
    const again = await openIn(store)
    expect(await again.collection('c').list()).toEqual([{ n: 11 }])

    const { bundleBytes, transferKey } = await extractPartition(again, { seeds: { c: () => true } })
    await adoptPartition(bundleBytes, { transferKey, destinationStore: store, vaultName: 'w' })
    const owner = { userId: 'ann', passphrase: 'correct horse', transferKey, kdf: CHEAP_KDF }
    await createOwnerOnAdoptedPartition(store, 'w', owner)
    const adopted = await (await session(store)).openVault('w', { create: false })
    expect(await adopted.collection('c').list()).toEqual([{ n: 11 }])
  })
})

describe('7 envelopes', () => {
  it('say version, time, writer and provenance in clear, and times are fixed-width UTC', async () => {
    const store = memory()
    const times = [0, 1_700_000_000_123, 1_700_000_000_000]
    const clock = vi.fn(() => 0)
    const collection = (await openIn(store, { clock })).collection('c', { provenance: true })
    const seen: string[] = []
    for (const time of times) {
      clock.mockReturnValue(time)
      await collection.put('x', { secret: 'inside' }, { source: 'bank' })
      const envelope = await store.get('v', 'c', 'x')
      seen.push(envelope?._ts ?? '')
      expect(envelope).toMatchObject({ _noydb: 1, _v: seen.length, _by: 'ann', _source: 'bank' })
      expect(envelope?._sourceTs).toBe(envelope?._ts)
      expect(JSON.stringify(envelope)).not.toContain('inside')
    }
    expect(seen).toEqual(times.map((time) => new Date(time).toISOString()))
    for (const ts of seen) expect(ts).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it('of keyrings lie under the bare user id, and a user without grant is null there', async () => {
    const store = memory()
    await openIn(store)
    expect(await store.get('v', '_keyring', 'ann')).toMatchObject({ _iv: '' })
    expect(await store.get('v', '_keyring', 'eve')).toBe(null)
  })
})

describe('16 provenance', () => {
  it('metadata is read without a key, on any collection', async () => {
    const store = memory()
    await (await openIn(store)).collection('c', { provenance: true }).put('x', {}, { source: 'bank' })
    const plain = await openIn(store, { encrypt: false, secret: undefined as never })
    const metadata = await plain.collection('c').getMetadata('x')
    expect(metadata).toMatchObject({ version: 1, by: 'ann', source: 'bank' })
    expect(metadata?.timestamp).toBe(metadata?.sourceTs)
  })
})
