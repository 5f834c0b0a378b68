/** Contract sections 0 and 3: sessions and opening, where the tests beside the code say less than the contract. */
import {
  createNoydb,
  Noydb,
  NoydbError,
  StoreCapabilityError,
  ValidationError,
  type EncryptedEnvelope,
  type NoydbOptions,
  type NoydbStore,
} from '@noy-db/hub'
import { describe, expect, it, vi } from 'vitest'
import { memory } from '../../src/memory.ts'
import { bareStore, CHEAP_KDF, contents, session } from '../../src/noydb/test-session.ts'
import { countingStore } from '../../src/testing/counting-store.ts'

/** Every method fails: whoever touches the store is found out. */
function untouchable(): NoydbStore {
  const fail = (): never => {
    throw new Error('touched')
  }
  return { get: fail, put: fail, delete: fail, list: fail, loadAll: fail, saveAll: fail }
}

describe('0.3 keys', () => {
  it('every write has an initialisation vector of its own', async () => {
    const store = memory()
    const collection = (await (await session(store)).openVault('v')).collection('c')
    const vectors = new Set<string>()
    for (let at = 0; at < 600; at += 1) {
      await collection.put('x', { same: true })
      vectors.add((await store.get('v', 'c', 'x'))?._iv ?? '')
    }
    expect(vectors.size).toBe(600)
    for (const vector of vectors) expect(Buffer.from(vector, 'base64')).toHaveLength(12)
  })

  it('a secret of one letter is enough', async () => {
    const db = await createNoydb({ user: 'ann', secret: 'x', kdf: CHEAP_KDF })
    expect((await db.openVault('v')).role).toBe('owner')
  })
})

describe('0.5 identity', () => {
  it('the first declaration of a session counts, later options are ignored', async () => {
    const vault = await (await session(memory())).openVault('v')
    const first = vault.collection('c', { provenance: true })
    const schema = { parse: () => expect.fail('asked') } as never
    expect(vault.collection('c', { schema, large: true })).toBe(first)
    await first.put('x', {}, { source: 'bank' })
    expect(await first.getMetadata('x')).toMatchObject({ source: 'bank' })
    expect(first.query().count()).toBe(1)
  })
})

describe('0.6 and 0.7 caches', () => {
  it('another instance is not noticed by a hydrated collection, and is by a new one', async () => {
    const store = memory()
    const [mine, theirs] = [await session(store), await session(store)]
    const collection = (await mine.openVault('v')).collection('c')
    await collection.put('a', { n: 1 })
    await (await theirs.openVault('v')).collection('c').put('b', { n: 2 })
    expect(await collection.list()).toEqual([{ n: 1 }])
    expect(await (await (await session(store)).openVault('v')).collection('c').list()).toHaveLength(2)
  })

  it('neither opening nor declaring reads a record; the first operation reads each once', async () => {
    const { store, calls } = countingStore(memory())
    await (await (await session(store)).openVault('v')).collection('c').put('a', { n: 1 })
    calls()
    const vault = await (await session(store)).openVault('v')
    const collection = vault.collection('c')
    expect(collection.query().toArray()).toEqual([])
    expect(calls().filter((call) => call.split(' ')[1] === 'c')).toEqual([])
    await collection.get('a')
    await collection.list()
    expect(calls().filter((call) => call.split(' ')[1] === 'c')).toEqual(['list c', 'page c a'])
  })
})

describe('3.1 createNoydb', () => {
  it('touches no store, also with a secret that is wrong', async () => {
    const db = await createNoydb({ store: untouchable(), user: 'ann', secret: 'wrong' })
    expect(db).toBeInstanceOf(Noydb)
    expect(db.isClosed).toBe(false)
    db.close()
    expect(db.isClosed).toBe(true)
  })

  it('has a private store in memory where none is given', async () => {
    const [one, two] = await Promise.all([1, 2].map(() => createNoydb({ user: 'ann', encrypt: false })))
    await (await one?.openVault('v'))?.collection('c').put('x', {})
    expect(await (await two?.openVault('v'))?.collection('c').count()).toBe(0)
    expect(one?._store).not.toBe(two?._store)
  })
})

describe('3.2 openVault', () => {
  it('asks for the keyring first, and leaves no trace of an open that fails half way', async () => {
    const inner = memory()
    const touched: string[] = []
    const store = bareStore(inner)
    const watching: NoydbStore = {
      ...store,
      list: (vault, collection) => {
        touched.push(collection)
        return store.list(vault, collection)
      },
      put: () => Promise.reject(new Error('full')),
    }
    await expect((await session(watching)).openVault('v')).rejects.toThrow('full')
    expect(touched[0]).toBe('_keyring')
    expect(await contents(inner, ['v'])).toEqual({})
    expect((await (await session(inner)).openVault('v')).role).toBe('owner')
  })

  it('tries again after a failed open', async () => {
    const inner = memory()
    let broken = true
    const list: NoydbStore['list'] = (vault, collection) =>
      broken ? Promise.reject(new Error('disk')) : inner.list(vault, collection)
    const db = await session({ ...inner, list })
    await expect(db.openVault('v')).rejects.toThrow('disk')
    broken = false
    expect((await db.openVault('v')).name).toBe('v')
  })
})

describe.each([
  ['memory', memory],
  ['a bare store', () => bareStore()],
])('3.2 unlocking, on %s', (_name, makeStore) => {
  it('a wrong secret, partial damage, a missing grant and tampering are four errors', async () => {
    const store = makeStore()
    await (await (await session(store)).openVault('v')).collection('c').put('x', { n: 1 })
    const outcome = async (options: Partial<NoydbOptions> = {}): Promise<string> => {
      const read = session(store, options).then(async (db) =>
        (await db.openVault('v')).collection('c').get('x'),
      )
      return read.then(
        () => 'read',
        (error: unknown) => (error instanceof NoydbError ? error.code : String(error)),
      )
    }
    const edit = async (collection: string, id: string, change: (envelope: EncryptedEnvelope) => object) => {
      const envelope = await store.get('v', collection, id)
      if (envelope === null) throw new Error('not stored')
      await store.put('v', collection, id, { ...envelope, ...change(envelope) })
      return envelope
    }
    const seen = { wrong: await outcome({ secret: 'wrong' }), stranger: await outcome({ user: 'eve' }) }
    const row = await edit('c', 'x', ({ _data }) => ({ _data: `${_data.slice(0, -8)}AAAAAAA=` }))
    const tampered = await outcome()
    await store.put('v', 'c', 'x', row)
    const keyring = await edit('_keyring', 'ann', ({ _data }) => ({
      _data: _data.replace(
        /("_bases":")(.)/,
        (_all, name: string, first: string) => name + (first === 'A' ? 'B' : 'A'),
      ),
    }))
    const damaged = await outcome()
    await store.put('v', '_keyring', 'ann', keyring)
    expect({ ...seen, tampered, damaged }).toEqual({
      wrong: 'INVALID_KEY',
      stranger: 'NO_ACCESS',
      tampered: 'TAMPERED',
      damaged: 'KEYRING_CORRUPT',
    })
    expect(await outcome()).toBe('read')
  })
})

describe('3.2 queryAcross', () => {
  it('has no more callbacks under way than asked for; one unless asked', async () => {
    const db = await session(memory())
    const names = ['a', 'b', 'c', 'd', 'e']
    for (const [concurrency, most] of [
      [undefined, 1],
      [0, 1],
      [3, 3],
      [99, 5],
    ] as const) {
      let [running, seen] = [0, 0]
      const ask = async (): Promise<void> => {
        running += 1
        seen = Math.max(seen, running)
        await new Promise(setImmediate)
        running -= 1
      }
      const options = concurrency === undefined ? {} : { concurrency }
      for (const slot of await db.queryAcross(names, ask, options)) expect(slot).toHaveProperty('result')
      expect(seen).toBe(most)
    }
  })

  it('keeps the order of the ids whatever ends first, and makes an Error of anything thrown', async () => {
    const db = await session(memory())
    const results = await db.queryAcross(
      ['slow', 'text', 'fast'],
      async ({ name }) => {
        if (name === 'slow') for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what others throw
        if (name === 'text') throw 'only a text'
        return undefined
      },
      { concurrency: 3 },
    )
    expect(results.map(({ vault }) => vault)).toEqual(['slow', 'text', 'fast'])
    expect(results[0]).toEqual({ vault: 'slow', result: undefined })
    expect(results[1]?.error).toBeInstanceOf(Error)
    expect(results[1]?.error?.message).toBe('only a text')
  })
})

describe('3.2 the rest of a session', () => {
  it('needs a store that can list its vaults to name the accessible ones', async () => {
    const db = await session(bareStore())
    const refused = await db.listAccessibleVaults().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StoreCapabilityError)
    expect(refused).toMatchObject({ capability: 'listVaults' })
  })

  it('tells nobody anything after close, and keeps what was awaited', async () => {
    const store = memory()
    const db = await session(store)
    const told = vi.fn()
    db.on('change', told)
    const collection = (await db.openVault('v')).collection('c')
    await collection.put('x', { n: 1 })
    db.close()
    db.close()
    expect(told).toHaveBeenCalledTimes(1)
    await expect(db.transaction(() => undefined)).rejects.toThrow(ValidationError)
    await expect(db.listAccessibleVaults()).rejects.toThrow(ValidationError)
    expect(await (await (await session(store)).openVault('v')).collection('c').get('x')).toEqual({ n: 1 })
  })

  it('has the subscription to write conflicts, which nothing fires yet', async () => {
    const db = await session(memory())
    const told = vi.fn()
    const stop = db.onWriteConflict(told)
    await (await db.openVault('v')).collection('c').put('x', {})
    stop()
    expect(told).not.toHaveBeenCalled()
  })
})
