import { describe, expect, it } from 'vitest'
import { TamperedError } from '../errors.ts'
import { memory } from '../memory.ts'
import { bareStore, session } from '../noydb/test-session.ts'

describe.each([
  ['a store that copies', memory],
  ['a bare store', bareStore],
])('history on %s', (_name, makeStore) => {
  it('keeps earlier versions as they were, over deletes', async () => {
    const store = makeStore()
    const collection = (await (await session(store, { history: true })).openVault('v')).collection('c')
    await collection.put('x', { n: 1 })
    const first = await store.get('v', 'c', 'x')
    await collection.put('x', { n: 2 })
    expect(await store.get('v', '_history', 'c/x/000000000001')).toEqual(first)
    await collection.delete('x')
    expect((await collection.history('x')).map(({ record }) => record)).toEqual([{ n: 2 }, { n: 1 }])
    await collection.put('x', { n: 3 })
    const entries = await collection.history('x')
    expect(entries.map(({ metadata, record }) => [metadata.version, record])).toEqual([
      [3, { n: 3 }],
      [2, { n: 2 }],
      [1, { n: 1 }],
    ])
    expect((await collection.version('x', 2))?.record).toEqual({ n: 2 })
    expect((await collection.version('x', 3))?.record).toEqual({ n: 3 })
    expect(await collection.version('x', 4)).toBeNull()
    expect(await collection.history('never')).toEqual([])
  })

  it('refuses a version that was swapped in the store', async () => {
    const store = makeStore()
    const collection = (await (await session(store, { history: true })).openVault('v')).collection('c')
    for (let n = 1; n <= 3; n += 1) await collection.put('x', { n })
    const one = await store.get('v', '_history', 'c/x/000000000001')
    if (one === null) throw new Error('not kept')
    await store.put('v', '_history', 'c/x/000000000002', { ...one, _v: 2 })
    await expect(collection.history('x')).rejects.toThrow(TamperedError)
  })

  it('is not kept unless asked for', async () => {
    const store = makeStore()
    const collection = (await (await session(store)).openVault('v')).collection('c')
    await collection.put('x', { n: 1 })
    await collection.put('x', { n: 2 })
    expect(await store.list('v', '_history')).toEqual([])
    expect((await collection.history('x')).map(({ record }) => record)).toEqual([{ n: 2 }])
    expect(await collection.version('x', 1)).toBeNull()
  })
})
