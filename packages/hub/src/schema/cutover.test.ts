import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { z as z3 } from 'zod/v3'
import { QuiesceTimeoutError, ReadOnlyError, SchemaFenceError, SchemaValidationError } from '../errors.ts'
import { memory } from '../memory.ts'
import { bareStore, contents, grantTo, member, session } from '../noydb/test-session.ts'
import type { NoydbStore } from '../types/store.ts'
import { declareNew, expectedInvoices, oldInvoice, openNew, seed, toCents } from './fixture-cutover.ts'
import { jsonSchemaValidator } from './json-schema-validator.ts'
import { coordinatedCutover } from './strategies.ts'

const KEPT = { history: true, audit: true }
const NORMAL = { fenceState: 'normal' } as const

/** The states a store is told, in order. */
function watchFence(inner: NoydbStore): { store: NoydbStore; states: string[] } {
  const states: string[] = []
  const note = (collection: string, id: string, data: string | undefined): void => {
    if (collection !== '_meta' || id !== 'schema-fence' || data === undefined) return
    const { fenceState } = JSON.parse(data) as { fenceState: string }
    if (states.at(-1) !== fenceState) states.push(fenceState)
  }
  const store: NoydbStore = {
    ...inner,
    put: async (vault, collection, id, envelope, expected) => {
      await inner.put(vault, collection, id, envelope, expected)
      note(collection, id, envelope._data)
    },
  }
  const { tx } = inner
  if (tx === undefined) return { store, states }
  const watched: NoydbStore['tx'] = async (ops) => {
    await tx(ops)
    for (const op of ops) if (op.op === 'put') note(op.collection, op.id, op.envelope?._data)
  }
  return { store: { ...store, tx: watched }, states }
}

describe.each([
  ['a store with tx', memory],
  ['a bare store', () => bareStore()],
])('a cutover on %s', (_name, makeStore) => {
  it('moves every record, keeps history and audit, and is not asked for again', async () => {
    const store = makeStore()
    await seed(store, 5, KEPT)
    const { vault, invoices } = await openNew(store, KEPT)
    await expect(invoices.put('x', { number: '1', cents: 1 })).rejects.toThrow(SchemaFenceError)
    await expect(invoices.delete('i0')).rejects.toThrow(SchemaFenceError)
    await vault.collection('others').put('x', {})
    expect(await vault.runSchemaCutover()).toEqual({ migrated: 1, recordsMigrated: 5 })
    expect(await invoices.list()).toEqual(expectedInvoices(5))
    expect(await vault.schemaFenceState()).toEqual({ currentSchemaVersion: 1, ...NORMAL })
    await invoices.put('i0', { number: '2026-0', cents: 1 })
    const story = await invoices.history('i0')
    expect(story.map(({ record }) => record)).toEqual([
      { number: '2026-0', cents: 1 },
      { number: '2026-0', cents: 50 },
      { number: '2026-0', amount: 0.5 },
    ])
    const [put, cutover] = await vault.audit.list()
    expect(put?.command).toBe('put')
    expect(cutover).toMatchObject({ command: 'schema.cutover', actor: 'ann', sidecars: { _schemas: 1 } })
    expect(cutover?.changes).toContainEqual({ collection: 'invoices', id: 'i4', before: 1, after: 2 })
    expect(await vault.audit.verify()).toMatchObject({ ok: true })

    const next = await openNew(store, KEPT)
    expect(await next.vault.runSchemaCutover()).toEqual({ migrated: 0, recordsMigrated: 0 })
    expect(await next.invoices.count()).toBe(5)
    await next.invoices.put('i1', { number: '2026-1', cents: 2 })
  })

  it.each([
    [
      'Zod 4',
      z.object({ number: z.string(), amount: z.number() }),
      z.object({ number: z.string(), cents: z.number() }),
    ],
    [
      'Zod 3',
      z3.object({ number: z3.string(), amount: z3.number() }),
      z3.object({ number: z3.string(), cents: z3.number() }),
    ],
  ])('is armed by a change of a %s schema', async (_zod, before, after) => {
    const store = makeStore()
    const written = { number: '1', amount: 1.5, unknown: 'dropped' }
    const old = await (await session(store)).openVault('v')
    await old.collection('invoices', { schema: before, persistJsonSchema: true }).put('x', written)
    await old._drainPendingSchemaWrites()
    const vault = await (await session(store)).openVault('v')
    const schemaUpdate = [coordinatedCutover({ transform: toCents })]
    const invoices = vault.collection('invoices', {
      schema: after,
      persistJsonSchema: true,
      schemaUpdate,
    })
    await vault._drainPendingSchemaWrites()
    expect(await vault.runSchemaCutover()).toMatchObject({ migrated: 1 })
    expect(await invoices.get('x')).toEqual({ number: '1', cents: 150 })
  })

  it('goes through its states in order', async () => {
    const { store, states } = watchFence(makeStore())
    await seed(store, 1)
    const { vault } = await openNew(store)
    await vault.runSchemaCutover()
    expect(states).toEqual(['draining', 'migrating', 'complete', 'normal'])
  })

  it('changes nothing without anything pending', async () => {
    const inner = memory()
    const store = makeStore === memory ? inner : bareStore(inner)
    const vault = await (await seed(store, 2)).openVault('v')
    const before = await contents(inner, ['v'])
    expect(await vault.runSchemaCutover()).toEqual({ migrated: 0, recordsMigrated: 0 })
    expect(await contents(inner, ['v'])).toEqual(before)
  })

  it('moves an empty collection too', async () => {
    const store = makeStore()
    await seed(store, 0)
    const { vault, invoices } = await openNew(store)
    expect(await vault.runSchemaCutover()).toEqual({ migrated: 1, recordsMigrated: 0 })
    await invoices.put('x', { number: '1', cents: 1 })
  })

  it('keeps who supplied a value, and tells live queries', async () => {
    const store = makeStore()
    const old = await (await seed(store, 0)).openVault('v')
    const supplied = { source: 'bank', sourceTs: '2026-01-01T00:00:00.000Z' }
    const notes = old.collection('notes', { provenance: true })
    await notes.put('n', { number: '1', amount: 1 }, supplied)
    const declare = { schema: oldInvoice, persistJsonSchema: true, provenance: true }
    const before = await (await session(store)).openVault('v')
    before.collection('notes', declare)
    await before._drainPendingSchemaWrites()
    const { vault } = await openNew(store)
    const migrating = vault.collection('notes', {
      ...declare,
      schema: jsonSchemaValidator({ type: 'object', properties: { number: { type: 'string' } } }),
      schemaUpdate: [coordinatedCutover({ transform: toCents })],
    })
    await vault._drainPendingSchemaWrites()
    await migrating.list()
    const live = migrating.query().live()
    await vault.runSchemaCutover()
    expect(await migrating.getMetadata('n')).toMatchObject({ version: 2, by: 'ann', ...supplied })
    expect(live.value).toEqual([{ number: '1', cents: 100 }])
    live.stop()
  })

  it.each([
    ['that throws', { transform: () => expect.fail('no way') }, 'no way'],
    [
      'whose result its schema refuses',
      { transform: (doc: Record<string, unknown>) => doc },
      SchemaValidationError,
    ],
    ['that forgets records', { prepare: async () => [] }, /3 records were given, 0 came back/],
    ['that forgets to wait', { transform: (() => Promise.resolve({})) as never }, /is Promise/],
  ])('with a transform %s leaves all as it was', async (_what, how, message) => {
    const inner = memory()
    const store = makeStore === memory ? inner : bareStore(inner)
    await seed(store, 3, KEPT)
    const failing = await openNew(store, { ...KEPT, how })
    await expect(failing.vault.runSchemaCutover()).rejects.toThrow(message)
    expect(await failing.vault.schemaFenceState()).toEqual({ currentSchemaVersion: 0, ...NORMAL })
    await expect(failing.invoices.put('x', { number: '1', cents: 1 })).rejects.toThrow(SchemaFenceError)
    await failing.vault.collection('others').put('x', {})
    const { vault, invoices } = await openNew(store, KEPT)
    expect((await vault.runSchemaCutover()).recordsMigrated).toBe(3)
    expect(await invoices.list()).toEqual(expectedInvoices(3))
  })

  it('takes records that were prepared asynchronously, some at a time, in order', async () => {
    const store = makeStore()
    await seed(store, 250)
    const sizes: number[] = []
    const prepare = async (docs: readonly Record<string, unknown>[]) => {
      sizes.push(docs.length)
      return docs.map(toCents)
    }
    const { vault, invoices } = await openNew(store, { how: { prepare } })
    expect((await vault.runSchemaCutover()).recordsMigrated).toBe(250)
    expect(sizes.every((size) => size <= 100)).toBe(true)
    expect(await invoices.get('i249')).toEqual({ number: '2026-249', cents: 24_950 })
  })

  it('tells how far it is and is stopped before anything is written', async () => {
    const store = makeStore()
    await seed(store, 3)
    const stopping = new AbortController()
    const prepare = async (docs: readonly Record<string, unknown>[]) => {
      stopping.abort(new Error('the person said stop'))
      return docs.map(toCents)
    }
    const stopped = await openNew(store, { how: { prepare } })
    await expect(stopped.vault.runSchemaCutover({ signal: stopping.signal })).rejects.toThrow('said stop')
    expect(await stopped.vault.schemaFenceState()).toEqual({ currentSchemaVersion: 0, ...NORMAL })
    const { vault } = await openNew(store)
    const progress: number[][] = []
    await vault.runSchemaCutover({ onProgress: (done, total) => progress.push([done, total]) })
    expect(progress.at(-1)).toEqual([3, 3])
  })

  it('runs in several vaults at once, and once for two callers', async () => {
    const store = makeStore()
    for (const vault of ['a', 'b', 'c']) await seed(store, 4, { vault })
    const { db, vault } = await openNew(store, { vault: 'a' })
    const others = [await db.openVault('b'), await db.openVault('c')]
    for (const other of others) declareNew(other, { transform: toCents })
    const runs = [vault, ...others, vault].map((each) => each.runSchemaCutover())
    const done = (await Promise.all(runs)).map(({ recordsMigrated }) => recordsMigrated)
    expect(done).toEqual([4, 4, 4, 0])
    expect(await others[1]?.collection('invoices').list()).toEqual(expectedInvoices(4))
  })

  it('leaves behind which generation it led to and how many records it rewrote', async () => {
    const store = makeStore()
    await seed(store, 3)
    const { vault } = await openNew(store)
    expect(await vault._lastCutover()).toBeNull()
    await vault.runSchemaCutover()
    const again = await openNew(store)
    await again.vault.runSchemaCutover()
    expect(await again.vault._lastCutover()).toEqual({ generation: 1, records: 3 })
  })

  it('compares again what could not be compared when it was declared, and fails with that', async () => {
    const inner = makeStore()
    await seed(inner, 3)
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    let isBroken = true
    const get: NoydbStore['get'] = (vault, collection, id) => {
      if (isBroken && collection === '_schemas') throw new Error('disk')
      return inner.get(vault, collection, id)
    }
    const { vault } = await openNew({ ...inner, get })
    expect(warn).toHaveBeenCalledOnce()
    warn.mockRestore()
    await expect(vault.runSchemaCutover()).rejects.toThrow('disk')
    isBroken = false
    expect(await vault.runSchemaCutover()).toEqual({ migrated: 1, recordsMigrated: 3 })
  })

  it('is not for users who may not write', async () => {
    const store = makeStore()
    await seed(store, 1)
    await grantTo(store, 'v', member('eve', 'viewer'))
    const { vault } = await openNew(store, { user: 'eve' })
    await expect(vault.runSchemaCutover()).rejects.toThrow(ReadOnlyError)
    expect(await vault.schemaFenceState()).toEqual({ currentSchemaVersion: 0, ...NORMAL })
  })

  it('waits for writes under way, for so long', async () => {
    const store = makeStore()
    await seed(store, 1)
    const { db, vault, invoices } = await openNew(store)
    let release = (): void => undefined
    db.onBeforeWrite(() => new Promise<void>((resolve) => (release = resolve)))
    const slow = vault.collection('others').put('x', {})
    await vi.waitFor(() => expect(db.writeQueue.depth).toBe(1))
    await expect(vault.runSchemaCutover({ quiesceTimeout: 5 })).rejects.toThrow(QuiesceTimeoutError)
    const waiting = vault.runSchemaCutover()
    await vi.waitFor(async () => expect((await vault.schemaFenceState()).fenceState).toBe('draining'))
    await expect(vault.collection('others').put('y', {})).rejects.toThrow(SchemaFenceError)
    release()
    expect((await waiting).migrated).toBe(1)
    await slow
    expect(await vault.collection('others').count()).toBe(1)
    expect(await invoices.list()).toEqual(expectedInvoices(1))
  })

  it('survives the close of its session', async () => {
    const store = makeStore()
    await seed(store, 2)
    const how = {
      prepare: async () => {
        closing.db.close()
        return []
      },
    }
    const closing = await openNew(store, { how })
    await expect(closing.vault.runSchemaCutover()).rejects.toThrow()
    const { vault, invoices } = await openNew(store)
    await vault.runSchemaCutover()
    expect(await invoices.list()).toEqual(expectedInvoices(2))
  })
})
