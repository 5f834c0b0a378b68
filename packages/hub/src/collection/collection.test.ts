import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { ConflictError, SchemaValidationError, ValidationError } from '../errors.ts'
import { limits } from '../limits.ts'
import { memory } from '../memory.ts'
import { bareStore, session } from '../noydb/test-session.ts'
import type { NoydbStore } from '../types/store.ts'

async function open(store: NoydbStore = memory()) {
  return (await session(store)).openVault('v')
}

describe('records', () => {
  it('round-trip unchanged, also in a new session, in insertion order', async () => {
    const store = memory()
    const collection = (await open(store)).collection('c')
    const records: unknown[] = [
      { b: [1, null, 'é', { deep: true }], a: '' },
      { constructor: 'x', n: -0.5 },
      'text',
      7,
      [1],
    ]
    for (const [at, record] of records.entries()) await collection.put(`id-${at}`, record)
    expect(await collection.list()).toEqual(records)
    expect(await (await open(store)).collection('c').list()).toEqual(records)
    expect(await collection.get('none')).toBeNull()
    expect(await collection.count()).toBe(5)
  })

  it('are copies: a caller who changes one does not change the cache', async () => {
    const vault = await open()
    const collection = vault.collection<{ tags: string[] }>('c')
    const mine = { tags: ['a'] }
    await collection.put('x', mine)
    mine.tags.push('b')
    const got = await collection.get('x')
    got?.tags.push('c')
    ;(await collection.list())[0]?.tags.push('d')
    ;(await collection.entries())[0]?.record.tags.push('e')
    expect(() => collection.query().toArray()[0]?.tags.push('f')).toThrow(TypeError)
    expect(await collection.get('x')).toEqual({ tags: ['a'] })
  })

  it('drop undefined members and turn dates into texts, as JSON does', async () => {
    const collection = (await open()).collection('c')
    await collection.put('x', { a: undefined, when: new Date(0) })
    expect(await collection.get('x')).toEqual({ when: '1970-01-01T00:00:00.000Z' })
  })

  it.each([
    ['NaN', { a: { b: NaN } }, 'a.b'],
    ['a function', { a: [() => 1] }, 'a.0'],
    ['a bigint', { a: 1n }, 'a'],
    ['a Map', { a: new Map() }, 'a'],
    ['bytes', { a: new Uint8Array(2) }, 'a'],
    ['undefined in an array', { a: [undefined] }, 'a.0'],
    ['an own __proto__ key', JSON.parse('{"a":{"__proto__":{"x":1}}}'), 'a.__proto__'],
    ['nothing', undefined, 'The record'],
  ])('refuse %s and name the place', async (_what, record: unknown, place) => {
    const store = memory()
    const collection = (await open(store)).collection('c')
    const error = await collection.put('x', record).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ValidationError)
    expect(String(error)).toContain(place)
    expect(await store.list('v', 'c')).toEqual([])
  })

  it('refuse nesting beyond the limit and bodies beyond the size', async () => {
    const collection = (await open()).collection('c')
    const nest = (depth: number): unknown => (depth === 0 ? 1 : [nest(depth - 1)])
    await collection.put('x', nest(limits.recordDepth))
    await expect(collection.put('x', nest(limits.recordDepth + 1))).rejects.toThrow(ValidationError)
    await expect(collection.put('x', 'x'.repeat(limits.recordBytes))).rejects.toThrow(ValidationError)
  })

  it('have ids of any text up to the limit', async () => {
    const collection = (await open()).collection('c')
    const ids = ['a/b', '🧾', 'constructor', '__proto__', ' ', 'x'.repeat(limits.idBytes)]
    for (const id of ids) await collection.put(id, { id })
    for (const id of ids) expect(await collection.get(id)).toEqual({ id })
    for (const id of ['', 'é'.repeat(257), '\ud800'])
      await expect(collection.put(id, {})).rejects.toThrow(ValidationError)
  })
})

describe('names', () => {
  it('are checked, and the same name gives the same object', async () => {
    const vault = await open()
    expect(vault.collection('c')).toBe(vault.collection('c', { provenance: true }))
    for (const name of ['', '_x', 'a/b', 'x'.repeat(257)])
      expect(() => vault.collection(name)).toThrow(ValidationError)
  })
})

describe('versions', () => {
  it.each([
    ['a store with transactions', memory],
    ['a bare store', bareStore],
  ])('never restart on %s', async (_name, makeStore) => {
    const store = makeStore()
    const collection = (await open(store)).collection('c')
    await collection.put('x', { n: 1 })
    await collection.put('x', { n: 2 })
    await collection.delete('x')
    await collection.delete('x')
    expect(await store.get('v', 'c', 'x')).toBeNull()
    const again = (await open(store)).collection('c')
    await again.put('x', { n: 3 })
    expect((await again.getMetadata('x'))?.version).toBe(3)
    await again.delete('x')
    await again.put('x', { n: 4 })
    expect((await store.get('v', 'c', 'x'))?._v).toBe(4)
  })

  it('go on over writes and deletes of another session', async () => {
    const store = memory()
    const [left, right] = [(await open(store)).collection('c'), (await open(store)).collection('c')]
    await left.put('x', { n: 1 })
    await right.put('x', { n: 2 })
    await left.put('x', { n: 3 })
    expect((await left.getMetadata('x'))?.version).toBe(3)
    await left.put('y', { n: 1 })
    await left.delete('y')
    await right.put('y', { n: 2 }) // right has never heard of y
    expect((await right.getMetadata('y'))?.version).toBe(2)
    await right.delete('x')
    await left.put('x', { n: 4 }) // left still has x cached
    expect((await left.getMetadata('x'))?.version).toBe(4)
  })

  it.each([
    ['a store with transactions', memory],
    ['a bare store', bareStore],
  ])('are compared when the caller says what it saw, on %s', async (_name, makeStore) => {
    const store = makeStore()
    const [left, right] = [(await open(store)).collection('c'), (await open(store)).collection('c')]
    await left.put('x', { n: 1 }, { expectedVersion: 0 })
    await right.put('x', { n: 2 }, { expectedVersion: 1 })
    const lost = await left.put('x', { n: 3 }, { expectedVersion: 1 }).catch((error: unknown) => error)
    expect(lost).toBeInstanceOf(ConflictError)
    expect(lost).toMatchObject({ version: 2 })
    await expect(left.put('x', {}, { expectedVersion: 0 })).rejects.toThrow(ConflictError)
    await expect(left.delete('x', { expectedVersion: 1 })).rejects.toThrow(ConflictError)
    await left.delete('x', { expectedVersion: 2 })
    expect(await left.get('x')).toBeNull()
  })

  it('stay without gaps under concurrent writes of two sessions', async () => {
    const store = memory()
    const [left, right] = [(await open(store)).collection('c'), (await open(store)).collection('c')]
    await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 ? left : right).put('x', { n })))
    expect((await left.getMetadata('x'))?.version).toBe(40)
  })
})

describe('hydration', () => {
  it('reads once for callers at once, and a failure marks nothing', async () => {
    const inner = memory()
    await (await open(inner)).collection('c').put('x', { n: 1 })
    let broken = true
    const list = vi.fn((vault: string, name: string) =>
      broken && name === 'c' ? Promise.reject(new Error('disk')) : inner.list(vault, name),
    )
    const store = { ...bareStore(inner), list }
    const vault = await open(store)
    expect(list.mock.calls.some(([, name]) => name === 'c')).toBe(false)
    await expect(vault.collection('c').list()).rejects.toThrow('disk')
    await expect(vault.collection('c').put('y', {})).rejects.toThrow('disk')
    broken = false
    list.mockClear()
    await Promise.all([
      vault.collection('c').list(),
      vault.collection('c').get('x'),
      vault.collection('c').count(),
    ])
    expect(list.mock.calls.filter(([, name]) => name === 'c')).toHaveLength(1)
  })

  it('of many rows lets others have their turn', async () => {
    const store = memory()
    await (await open(store)).collection('c').putMany(rows(4000))
    const collection = (await open(store)).collection('c')
    // Each turn of the loop is one, however late a busy machine's timers are.
    let turns = 0
    const turn = (): void => {
      turns += 1
      next = setImmediate(turn)
    }
    let next = setImmediate(turn)
    await collection.list()
    clearImmediate(next)
    expect(turns).toBeGreaterThan(2)
  })
})

function* rows(count: number) {
  for (let n = 0; n < count; n += 1) yield { id: `id-${n}`, record: { n, text: 'some words about it' } }
}

describe('putMany', () => {
  it('is all or nothing, tells its progress and can be stopped', async () => {
    const store = memory()
    const collection = (await open(store)).collection('c')
    await expect(collection.putMany([...rows(3), { id: '', record: {} }])).rejects.toThrow(ValidationError)
    const stop = new AbortController()
    const work = collection.putMany(rows(5000), { signal: stop.signal, onProgress: () => stop.abort() })
    await expect(work).rejects.toThrow('abort')
    expect(await store.list('v', 'c')).toEqual([])
    const seen: number[] = []
    await collection.putMany(rows(3000), { onProgress: (done, total) => seen.push(done / total) })
    expect(seen.at(-1)).toBe(1)
    expect(await collection.count()).toBe(3000)
  })
})

describe('provenance', () => {
  it('is kept where declared, and not inherited', async () => {
    const vault = await open()
    const declared = vault.collection('c', { provenance: true })
    await declared.put('x', {}, { source: 'bank', sourceTs: '2026-01-01T00:00:00.000Z' })
    expect(await declared.getMetadata('x')).toMatchObject({
      source: 'bank',
      sourceTs: '2026-01-01T00:00:00.000Z',
    })
    await declared.put('x', {}, { sourceTs: '2026-01-01T00:00:00.000Z' })
    expect(await declared.getMetadata('x')).not.toHaveProperty('sourceTs')
    await declared.put('x', {}, { source: 'bank' })
    const entry = await declared.entry('x')
    expect(entry?.metadata.sourceTs).toBe(entry?.metadata.timestamp)
    const plain = vault.collection('d')
    await plain.put('x', {}, { source: 'bank' })
    expect(await plain.getMetadata('x')).not.toHaveProperty('source')
    expect(await plain.getMetadata('none')).toBeNull()
  })
})

describe('schemas', () => {
  const schema = z.object({ n: z.number() })

  it('decide what is stored, and refuse by direction', async () => {
    const store = memory()
    const collection = (await open(store)).collection('c', { schema })
    await collection.put('x', { n: 1, extra: true } as { n: number })
    expect(await collection.get('x')).toEqual({ n: 1 })
    const bad = { n: 'one' } as unknown as { n: number }
    await expect(collection.put('y', bad)).rejects.toMatchObject({ direction: 'input' })
    await expect(collection.validateInput(bad)).rejects.toThrow(SchemaValidationError)
    await (await open(store)).collection('c').put('y', bad)
    const strict = (await open(store)).collection('c', { schema })
    await expect(strict.list()).rejects.toMatchObject({ direction: 'output' })
    await expect(strict.get('x')).rejects.toThrow(SchemaValidationError)
  })

  it('may be anything with a parse that throws', async () => {
    const parse = (value: unknown) => schema.parse(value)
    const collection = (await open()).collection('c', { schema: { parse } as never })
    expect(await collection.list()).toEqual([])
    await expect(collection.put('x', {})).rejects.toThrow(SchemaValidationError)
    await collection.put('x', { n: 1 })
  })
})

describe('large collections', () => {
  it('touch one row for get and put, and answer asynchronous queries', async () => {
    const inner = memory()
    await (await open(inner)).collection('c').putMany(rows(1200))
    const listPage = vi.fn(inner.listPage) // the memory store has it
    const vault = await open({ ...inner, listPage })
    const collection = vault.collection<{ n: number }>('c', { large: true })
    await collection.put('id-7', { n: 700 }, { expectedVersion: 1 })
    expect((await collection.entry('id-7'))?.metadata.version).toBe(2)
    await collection.put('new', { n: -1 })
    await collection.delete('id-8')
    expect(await collection.get('id-8')).toBeNull()
    expect(listPage.mock.calls.filter(([, name]) => name === 'c')).toEqual([])
    expect(await collection.count()).toBe(1200)
    const few = await collection.query().where('n', '<', 1).run()
    expect(few.map(({ n }) => n)).toEqual([0, -1])
    expect(() => collection.query().toArray()).toThrow(ValidationError)
    expect(await collection.entries()).toHaveLength(1200)
  })
})
