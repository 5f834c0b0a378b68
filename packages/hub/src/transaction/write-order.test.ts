/** The order of effects of a write (contract, sections 5.2 and 5.3), by what is heard first and by who refuses first. */
import { describe, expect, it } from 'vitest'
import { immutableGuard } from '../guards.ts'
import { memory } from '../memory.ts'
import type { Noydb } from '../noydb/noydb.ts'
import { grantTo, member, session } from '../noydb/test-session.ts'
import { ref } from '../refs/ref.ts'
import type { StandardSchemaV1 } from '../types/schema.ts'
import type { NoydbStore } from '../types/store.ts'
import type { WriteGuard } from './guard-point.ts'

interface Invoice extends Record<string, unknown> {
  readonly status: string
}

const guardStrategies = [
  immutableGuard<Invoice>({ collection: 'invoices', after: ({ status }) => status === 'issued' }),
]

function schemaThat(validate: (value: Invoice) => boolean): StandardSchemaV1<unknown, Invoice> {
  const standard = {
    version: 1 as const,
    vendor: 'ours',
    validate: (value: unknown) => {
      const record = value as Invoice // whatever is put in these tests
      return validate(record) ? { value: record } : { issues: [{ message: 'no' }] }
    },
  }
  return { '~standard': standard }
}

/** A store with an issued invoice that a note refers to, and a user who may read everything. */
async function prepared(): Promise<NoydbStore> {
  const store = memory()
  const vault = await (await session(store)).openVault('v')
  await vault.collection('invoices').put('a', { status: 'issued' })
  await vault.collection('notes').put('n', { invoice: 'a' })
  await grantTo(store, 'v', member('eve', 'viewer'))
  return store
}

async function declared(db: Noydb) {
  const vault = await db.openVault('v')
  const schema = schemaThat(({ status }) => status !== 'none')
  const invoices = vault.collection('invoices', { schema, refs: { client: ref('clients') } })
  vault.collection('notes', { refs: { invoice: ref('invoices') } })
  return { vault, invoices }
}

async function closeFence(store: NoydbStore): Promise<void> {
  const data = JSON.stringify({ currentSchemaVersion: 0, fenceState: 'migrating' })
  await store.put('v', '_meta', 'schema-fence', { _noydb: 1, _v: 1, _ts: '', _iv: '', _data: data })
}

/** Opened behind the fence; a session that was open before meets it at the commit at the latest. */
async function hooked(store: NoydbStore) {
  const viewer = await session(store, { user: 'eve', guardStrategies })
  viewer.onBeforeWrite(() => Promise.reject(new Error('hook')))
  return declared(viewer)
}

const wrongInEveryWay = { status: 'none', client: 'nobody' }

describe('of several reasons to refuse', () => {
  it('a put gives: fence, hook, permission, guard, schema, reference', async () => {
    const store = await prepared()
    const owner = await session(store, { guardStrategies })
    const viewer = await session(store, { user: 'eve', guardStrategies })
    const [mine, theirs] = [await declared(owner), await declared(viewer)]
    const put = (id: string, record: Invoice) => mine.invoices.put(id, record)
    await expect(put('b', { status: 'draft', client: 'nobody' })).rejects.toMatchObject({
      code: 'REF_INTEGRITY',
    })
    await expect(put('b', wrongInEveryWay)).rejects.toMatchObject({ code: 'SCHEMA_VALIDATION_FAILED' })
    await expect(put('a', wrongInEveryWay)).rejects.toMatchObject({ code: 'RECORD_LOCKED' })
    await expect(theirs.invoices.put('a', wrongInEveryWay)).rejects.toMatchObject({ code: 'READ_ONLY' })
    viewer.onBeforeWrite(() => Promise.reject(new Error('hook')))
    await expect(theirs.invoices.put('a', wrongInEveryWay)).rejects.toThrow('hook')
    await closeFence(store)
    const late = await hooked(store)
    await expect(late.invoices.put('a', wrongInEveryWay)).rejects.toMatchObject({ code: 'SCHEMA_FENCE' })
    expect(await mine.invoices.list()).toEqual([{ status: 'issued' }])
  })

  it('a delete gives: fence, hook, permission, guard, reference', async () => {
    const store = await prepared()
    const owner = await session(store, { guardStrategies })
    const viewer = await session(store, { user: 'eve', guardStrategies })
    const unguarded = await declared(await session(store))
    await expect(unguarded.invoices.delete('a')).rejects.toMatchObject({ code: 'REF_INTEGRITY' })
    await expect((await declared(owner)).invoices.delete('a')).rejects.toMatchObject({
      code: 'RECORD_LOCKED',
    })
    const theirs = await declared(viewer)
    await expect(theirs.invoices.delete('a')).rejects.toMatchObject({ code: 'READ_ONLY' })
    viewer.onBeforeWrite(() => Promise.reject(new Error('hook')))
    await expect(theirs.invoices.delete('a')).rejects.toThrow('hook')
    await closeFence(store)
    const late = await hooked(store)
    await expect(late.invoices.delete('a')).rejects.toMatchObject({ code: 'SCHEMA_FENCE' })
  })
})

describe('a write that succeeds', () => {
  async function heard(write: (invoices: Awaited<ReturnType<typeof declared>>['invoices']) => Promise<void>) {
    const log: string[] = []
    const inner = memory()
    const spec: WriteGuard = { collection: 'invoices', check: ({ op }) => void log.push(`guard ${op}`) }
    const tx: NoydbStore['tx'] = (ops) => {
      if (ops.some(({ collection }) => collection === 'invoices')) log.push('store')
      return inner.tx(ops)
    }
    const db = await session({ ...inner, tx }, { guardStrategies: [{ __noydb_strategy: 'guard', spec }] })
    const vault = await db.openVault('v')
    const invoices = vault.collection('invoices', {
      schema: schemaThat(() => log.push('schema') > 0),
      refs: { client: ref('clients') },
    })
    await invoices.put('there', { status: 'draft' })
    log.length = 0
    db.onBeforeWrite(({ op }) => void log.push(`before ${op}`))
    db.on('change', ({ action }) => void log.push(`change ${action}, ${invoices.query().count()} rows`))
    db.onAfterWrite(({ op }) => void log.push(`after ${op}`))
    await write(invoices)
    return [...log, 'resolved']
  }

  it('a put', async () => {
    expect(await heard((invoices) => invoices.put('new', { status: 'draft' }))).toEqual([
      'before create',
      'guard put',
      'schema',
      'guard put', // again under the lock, where nobody can come in between
      'store',
      'change put, 2 rows',
      'after create',
      'resolved',
    ])
  })

  it('a delete', async () => {
    expect(await heard((invoices) => invoices.delete('there'))).toEqual([
      'before delete',
      'guard delete',
      'guard delete',
      'store',
      'change delete, 0 rows',
      'after delete',
      'resolved',
    ])
  })
})
