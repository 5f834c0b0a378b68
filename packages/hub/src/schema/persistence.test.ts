import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { memory } from '../memory.ts'
import { bareStore, contents, grantTo, member, session } from '../noydb/test-session.ts'
import type { SchemaDelta, SchemaUpdateStrategy, UpdateDecision } from '../types/schema.ts'
import type { NoydbStore } from '../types/store.ts'
import type { Vault } from '../vault/vault.ts'

const first = z.object({ a: z.string() })
const wider = z.object({ a: z.string(), b: z.number().optional() })
const other = z.object({ a: z.number() })

async function open(store: NoydbStore): Promise<Vault> {
  return (await session(store)).openVault('v')
}

async function declare(
  store: NoydbStore,
  schema: z.ZodType,
  schemaUpdate: readonly SchemaUpdateStrategy[] = [],
) {
  const vault = await open(store)
  const collection = vault.collection('c', { schema, persistJsonSchema: true, schemaUpdate })
  await vault._drainPendingSchemaWrites()
  return collection
}

/** The stored schema as whoever holds the collection's key reads it. */
async function stored(store: NoydbStore): Promise<Record<string, unknown> | null> {
  const envelope = await store.get('v', '_schemas', 'c')
  if (envelope === null) return null
  const state = (await open(store))._introspectState()
  await state.getDEK('c')
  return state.openEnvelope('_schemas', 'c', envelope) as Record<string, unknown>
}

function strategy(decision: UpdateDecision, seen: SchemaDelta[] = []): SchemaUpdateStrategy {
  return { name: 'test', onSchemaDelta: (delta) => (seen.push(delta), decision) }
}

describe.each([
  ['a store with tx', memory],
  ['a bare store', () => bareStore()],
])('the stored schema on %s', (_name, makeStore) => {
  it('is sealed with the key of its collection and stored once', async () => {
    const store = makeStore()
    await declare(store, first)
    const envelope = await store.get('v', '_schemas', 'c')
    expect(envelope?._iv).not.toBe('')
    expect(await stored(store)).toMatchObject({
      kind: 'zod',
      jsonSchema: { properties: { a: { type: 'string' } } },
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      derivedAt: envelope?._ts,
    })
    await declare(store, z.object({ a: z.string() }))
    expect(await store.get('v', '_schemas', 'c')).toEqual(envelope)
  })

  it('follows a change that nobody objects to', async () => {
    const store = makeStore()
    await declare(store, first)
    const seen: SchemaDelta[] = []
    await declare(store, wider, [strategy({ action: 'allow' }, seen)])
    expect(seen).toMatchObject([{ collection: 'c', kind: 'additive', added: ['b'] }])
    expect(await stored(store)).toMatchObject({ jsonSchema: { properties: { b: { type: 'number' } } } })
    await declare(store, other)
    expect(await stored(store)).toMatchObject({ jsonSchema: { properties: { a: { type: 'number' } } } })
  })

  it('stays when a strategy rejects, whose error every later write of the collection gets', async () => {
    const store = makeStore()
    await declare(store, first)
    const before = await store.get('v', '_schemas', 'c')
    const error = new Error('not in this release')
    const later = vi.fn<SchemaUpdateStrategy['onSchemaDelta']>()
    const collection = await declare(store, other, [
      strategy({ action: 'allow' }),
      strategy({ action: 'reject', error }),
      { name: 'later', onSchemaDelta: later },
    ])
    await expect(collection.put('x', { a: 1 })).rejects.toBe(error)
    await expect(collection.delete('x')).rejects.toBe(error)
    expect(await collection.list()).toEqual([])
    expect(later).not.toHaveBeenCalled()
    expect(await store.get('v', '_schemas', 'c')).toEqual(before)
  })

  it('is compared before a write that does not wait for the comparison', async () => {
    const store = makeStore()
    await declare(store, first)
    const vault = await open(store)
    const error = new Error('no')
    const schemaUpdate = [strategy({ action: 'reject', error })]
    const collection = vault.collection('c', {
      schema: other,
      persistJsonSchema: true,
      schemaUpdate,
    })
    await expect(collection.put('x', { a: 1 })).rejects.toBe(error)
  })
})

describe('the comparison', () => {
  it('does not touch the store in the turn of the declaration, nor without being asked for', async () => {
    const inner = memory()
    const vault = await open(inner)
    const get = vi.spyOn(inner, 'get')
    vault.collection('c', { schema: first, persistJsonSchema: true })
    vault.collection('d', { schema: first })
    expect(get).not.toHaveBeenCalled()
    await vault._drainPendingSchemaWrites()
    expect(get.mock.calls.filter(([, collection]) => collection === '_schemas')).toEqual([
      ['v', '_schemas', 'c'],
    ])
  })

  it('keeps no body for validators it cannot describe, and never puts that over one it has', async () => {
    const store = memory()
    const vault = await open(store)
    const parses = { parse: (value: unknown) => value } as never // no Standard Schema, as templates of old have it
    vault.collection('c', { schema: parses, persistJsonSchema: true })
    await vault._drainPendingSchemaWrites()
    expect(await stored(store)).toMatchObject({ kind: 'unknown', jsonSchema: null, hash: null })
    await declare(store, first)
    const described = await store.get('v', '_schemas', 'c')
    const again = await open(store)
    again.collection('c', { schema: parses, persistJsonSchema: true })
    await again._drainPendingSchemaWrites()
    expect(await store.get('v', '_schemas', 'c')).toEqual(described)
  })

  it('fails with a warning and nothing else', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const inner = memory()
    const get: NoydbStore['get'] = (vault, collection, id) =>
      collection === '_schemas' ? Promise.reject(new Error('disk')) : inner.get(vault, collection, id)
    const collection = await declare({ ...inner, get }, first)
    expect(warn).toHaveBeenCalledTimes(1)
    await collection.put('x', { a: 'y' })
    warn.mockRestore()
  })

  it('stores nothing for a user who may not write', async () => {
    const store = memory()
    const owner = await open(store)
    await owner.collection('c').put('x', { a: 'y' })
    await grantTo(store, 'v', member('eve', 'viewer'))
    const before = await contents(store, ['v'])
    const vault = await (await session(store, { user: 'eve' })).openVault('v')
    vault.collection('c', { schema: first, persistJsonSchema: true })
    await vault._drainPendingSchemaWrites()
    expect(await contents(store, ['v'])).toEqual(before)
  })

  it('of two sessions at once stores one baseline under one key', async () => {
    const store = memory()
    const [one, two] = [await open(store), await open(store)]
    for (const vault of [one, two]) vault.collection('c', { schema: first, persistJsonSchema: true })
    await Promise.all([one._drainPendingSchemaWrites(), two._drainPendingSchemaWrites()])
    await Promise.all([one.collection('c').put('x', { a: '1' }), two.collection('c').put('y', { a: '2' })])
    expect(await (await open(store)).collection('c').count()).toBe(2)
    expect(await stored(store)).toMatchObject({ kind: 'zod' })
  })
})
