import { describe, expect, it, vi } from 'vitest'
import { createNoydb, RecordLockedError, ref, SchemaValidationError, ValidationError } from '../index.ts'
import { immutableGuard } from '../guards.ts'
import { memory } from '../memory.ts'
import { bareStore, contents, grantTo, member, session } from '../noydb/test-session.ts'
import { jsonSchemaValidator } from '../schema/json-schema-validator.ts'
import type { WriteGuard } from '../transaction/guard-point.ts'
import type { NoydbStore } from '../types/store.ts'

interface Invoice extends Record<string, unknown> {
  readonly status: string
}

const issued = immutableGuard<Invoice>({ collection: 'invoices', after: ({ status }) => status === 'issued' })
const events = immutableGuard({ collection: 'events', appendOnly: true })
const guardStrategies = [issued, events]

describe('immutableGuard', () => {
  it('wants one rule', () => {
    expect(() => immutableGuard({ collection: 'c' })).toThrow(ValidationError)
    expect(() => immutableGuard({ collection: 'c', after: () => true, appendOnly: true })).toThrow(
      ValidationError,
    )
    expect(() => immutableGuard({ collection: '_c', appendOnly: true })).toThrow(ValidationError)
    expect(issued).toMatchObject({ __noydb_strategy: 'guard', spec: { collection: 'invoices' } })
    expect(issued.spec.isFinal?.({ status: 'draft' })).toBe(false)
  })

  it('is taken as a handle only', async () => {
    const strategies = [issued.spec] as never // what a caller without types may pass
    await expect(createNoydb({ user: 'ann', secret: 's', guardStrategies: strategies })).rejects.toThrow(
      ValidationError,
    )
  })
})

describe.each([
  ['with encryption', memory, true],
  ['without', memory, false],
  ['on a bare store', () => bareStore(), true],
])('guarded records, %s', (_name, makeStore, encrypt) => {
  async function open(store: NoydbStore = makeStore()) {
    const db = await session(store, { guardStrategies, encrypt, history: true, audit: true })
    const vault = await db.openVault('v')
    return { db, store, vault, invoices: vault.collection<Invoice>('invoices') }
  }

  it('are inserted, changed until they are final, and then neither changed nor deleted', async () => {
    const { db, invoices } = await open()
    await invoices.put('a', { status: 'draft' })
    await invoices.put('a', { status: 'issued' })
    const refused = await invoices.put('a', { status: 'draft' }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(RecordLockedError)
    expect(refused).toMatchObject({ code: 'RECORD_LOCKED', collection: 'invoices', id: 'a' })
    await expect(invoices.delete('a')).rejects.toThrow(RecordLockedError)
    await invoices.delete('never there')
    const log = (await db.openVault('other')).collection('events')
    await log.put('1', { n: 1 })
    await expect(log.put('1', { n: 2 })).rejects.toThrow(RecordLockedError)
    await expect(log.delete('1')).rejects.toThrow(RecordLockedError)
    expect(await log.list()).toEqual([{ n: 1 }])
  })

  it('are amended by the roles that may, saying why, and by nobody else', async () => {
    const store = makeStore()
    const strategy = immutableGuard({ collection: 'events', appendOnly: true, amendmentRoles: ['owner'] })
    const db = await session(store, { guardStrategies: [strategy], encrypt, history: true, audit: true })
    const vault = await db.openVault('v')
    const log = vault.collection<Record<string, unknown>>('events')
    await log.put('1', { n: 1 })
    await expect(log.put('1', { n: 2 })).rejects.toThrow(RecordLockedError)
    await expect(log.put('1', { n: 2 }, { reason: ' ' })).rejects.toThrow(RecordLockedError)
    await log.put('1', { n: 3 }, { reason: 'typed twice' })
    expect(await vault.audit.list({ limit: 1 })).toMatchObject([{ reason: 'typed twice' }])
    await db.transaction((tx) => tx.delete(vault, 'events', '1'), { reason: 'never happened' })
    expect(await log.list()).toEqual([])
    const others = immutableGuard({ collection: 'events', appendOnly: true, amendmentRoles: ['admin'] })
    const later = await session(store, { guardStrategies: [others], encrypt })
    const again = (await later.openVault('v')).collection('events')
    await again.put('2', { n: 1 })
    await expect(again.put('2', { n: 2 }, { reason: 'typed twice' })).rejects.toThrow(RecordLockedError)
  })

  it('stop a whole transaction and a whole putMany; nothing is written, nothing is told', async () => {
    const inner = memory()
    const { db, vault, invoices } = await open(makeStore === memory ? inner : bareStore(inner))
    await invoices.put('a', { status: 'issued' })
    await vault.collection('others').put('x', {})
    const before = await contents(inner, ['v'])
    const told = vi.fn()
    db.on('change', told)
    const many = ['b', 'a', 'c'].map((id) => ({ id, record: { status: 'draft' } }))
    await expect(invoices.putMany(many)).rejects.toThrow(RecordLockedError)
    const work = db.transaction((tx) => {
      tx.put(vault, 'others', 'x', { changed: true })
      tx.delete(vault, 'invoices', 'a')
    })
    await expect(work).rejects.toThrow(RecordLockedError)
    expect(await contents(inner, ['v'])).toEqual(before)
    expect(told).not.toHaveBeenCalled()
  })

  it('are judged as the store has them, not as this session remembers them', async () => {
    const { store, invoices } = await open()
    await invoices.put('a', { status: 'draft' })
    const other = (await (await session(store, { encrypt })).openVault('v')).collection('invoices')
    await other.put('a', { status: 'issued' })
    expect(await invoices.get('a')).toEqual({ status: 'draft' })
    await expect(invoices.put('a', { status: 'draft' })).rejects.toThrow(RecordLockedError)
  })

  it('stay final when two writes race', async () => {
    const { invoices } = await open()
    await invoices.put('a', { status: 'draft' })
    const outcomes = await Promise.allSettled([
      invoices.put('a', { status: 'issued' }),
      invoices.put('a', { status: 'draft' }),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(await invoices.get('a')).toEqual({ status: 'issued' })
  })

  it('are not taken along by a delete elsewhere', async () => {
    const { store } = await open()
    const db = await session(store, { guardStrategies, encrypt })
    const vault = await db.openVault('v')
    const clients = vault.collection('clients')
    const invoices = vault.collection('invoices', { refs: { client: ref('clients', 'cascade') } })
    await clients.put('k', {})
    await invoices.put('a', { client: 'k', status: 'draft' })
    await invoices.put('b', { client: 'k', status: 'issued' })
    await expect(clients.delete('k')).rejects.toThrow(RecordLockedError)
    expect(await clients.count()).toBe(1)
    expect(await invoices.count()).toBe(2)
  })
})

it('a guard sees what the same transaction notes, and looks once for all of its writes', async () => {
  const runs = new Set<unknown>()
  const seen: unknown[] = []
  const guard: WriteGuard = {
    collection: 'events',
    check({ run, id }) {
      runs.add(run)
      seen.push([id, run.staged('_notes')])
    },
  }
  const strategies = [{ __noydb_strategy: 'guard', spec: guard } as const]
  const db = await session(memory(), { guardStrategies: strategies })
  const vault = await db.openVault('v')
  await db.transaction((tx) => {
    tx.put(vault, 'events', 'a', {})
    tx.put(vault, 'events', 'b', {})
    tx.putSidecar(vault, '_notes', { collection: 'events', key: 'k' }, { why: 'so' })
  })
  const noted = [{ why: 'so' }]
  expect(seen.slice(0, 2)).toEqual([
    ['a', noted],
    ['b', noted],
  ])
  expect(runs.size).toBe(2) // when it is asked for, and again under the lock
  seen.length = 0
  await vault.collection('events').put('a', {})
  expect(seen[0]).toEqual(['a', []])
})

it('a guard may watch whatever it likes, and is asked for each collection by itself', async () => {
  const seen: string[] = []
  const guard: WriteGuard = {
    collection: 'events',
    watches: (vault, collection) => vault === 'v' && collection !== 'events',
    async check({ collection, id, existing }) {
      seen.push(`${collection}/${id} ${JSON.stringify(await existing())}`)
    },
  }
  const db = await session(memory(), { guardStrategies: [{ __noydb_strategy: 'guard', spec: guard }] })
  const [watched, other] = [await db.openVault('v'), await db.openVault('other')]
  await watched.collection('bills').put('a', { n: 1 })
  seen.length = 0
  await db.transaction((tx) => {
    tx.put(watched, 'notes', 'a', { n: 3 })
    tx.put(watched, 'bills', 'a', { n: 2 })
    tx.put(watched, 'events', 'a', {})
    tx.put(other, 'bills', 'a', {})
  })
  expect(seen.slice(0, 2)).toEqual(['notes/a null', 'bills/a {"n":1}'])
  expect(new Set(seen).size).toBe(2)
})

it('a guard answers before the schema does', async () => {
  const vault = await (await session(memory(), { guardStrategies })).openVault('v')
  const schema = jsonSchemaValidator({ type: 'object', properties: { n: { type: 'integer' } } })
  const log = vault.collection<Record<string, unknown>>('events', { schema })
  await log.put('1', { n: 1 })
  await expect(log.put('2', { n: 'x' })).rejects.toThrow(SchemaValidationError)
  await expect(log.put('1', { n: 'x' })).rejects.toThrow(RecordLockedError)
})

it('many guarded rows are read together', async () => {
  const store = memory()
  const vault = await (await session(store, { guardStrategies })).openVault('v')
  const log = vault.collection('events')
  await log.put('first', {})
  const get = vi.spyOn(store, 'get')
  await log.putMany(Array.from({ length: 200 }, (_, n) => ({ id: `${n}`, record: { n } })))
  expect(get.mock.calls.filter(([, collection]) => collection === 'events')).toEqual([])
  expect(await log.count()).toBe(201)
})

describe('deletes that references bring along', () => {
  it('need the right to write there as well', async () => {
    const store = memory()
    const owner = await (await session(store)).openVault('v')
    const refs = { client: ref('clients', 'cascade') }
    await owner.collection('clients').put('k', {})
    await owner.collection('invoices', { refs }).put('a', { client: 'k' })
    const permissions = { clients: 'rw', invoices: 'ro' } as const
    await grantTo(store, 'v', member('eve', 'operator', { permissions }))
    const vault = await (await session(store, { user: 'eve' })).openVault('v')
    vault.collection('invoices', { refs })
    await expect(vault.collection('clients').delete('k')).rejects.toMatchObject({ code: 'READ_ONLY' })
    expect(await owner.collection('invoices').count()).toBe(1)
  })

  it('are announced to hooks before and after', async () => {
    const db = await session(memory())
    const vault = await db.openVault('v')
    const clients = vault.collection('clients')
    const invoices = vault.collection('invoices', { refs: { client: ref('clients', 'cascade') } })
    await clients.put('k', {})
    await invoices.put('a', { client: 'k' })
    const told: string[] = []
    db.onBeforeWrite(({ op, docId }) => void told.push(`before ${op} ${docId}`))
    db.onAfterWrite(({ op, docId }) => void told.push(`after ${op} ${docId}`))
    await clients.delete('k')
    expect(told).toEqual(['before delete k', 'before delete a', 'after delete k', 'after delete a'])
  })
})
