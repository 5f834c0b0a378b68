import { describe, expect, it } from 'vitest'
import { MigrationRequiredError, ReadOnlyError, SchemaFenceError } from '../errors.ts'
import { memory } from '../memory.ts'
import { bareStore, grantTo, member, session } from '../noydb/test-session.ts'
import type { NoydbStore } from '../types/store.ts'
import { declareNew, expectedInvoices, oldInvoice, openNew, seed, toCents } from './fixture-cutover.ts'

/** A fence as another session would leave it. */
async function putFence(store: NoydbStore, document: Record<string, unknown>): Promise<void> {
  const version = ((await store.get('v', '_meta', 'schema-fence'))?._v ?? 0) + 1
  const row = { _noydb: 1, _v: version, _ts: '2026-01-01T00:00:00.000Z', _iv: '' } as const
  await store.put('v', '_meta', 'schema-fence', { ...row, _data: JSON.stringify(document) })
}

const past = '2026-01-01T00:00:00.000Z'
const future = '9999-01-01T00:00:00.000Z'

describe.each([
  ['a store with tx', memory],
  ['a bare store', () => bareStore()],
])('the fence on %s', (_name, makeStore) => {
  it.each([
    { fenceState: 'draining' },
    { fenceState: 'migrating' },
    { fenceState: 'migrating', owner: 'somebody', leaseUntil: future },
  ])('keeps writes out, not reads: %j', async (state) => {
    const store = makeStore()
    const db = await session(store)
    const vault = await db.openVault('v')
    const collection = vault.collection('c')
    await collection.put('x', { n: 1 })
    await putFence(store, { currentSchemaVersion: 0, ...state })
    await expect(collection.put('x', { n: 2 })).rejects.toThrow(SchemaFenceError)
    await expect(collection.delete('x')).rejects.toThrow(SchemaFenceError)
    await expect(collection.putMany([{ id: 'y', record: {} }])).rejects.toThrow(SchemaFenceError)
    const sidecar = db.transaction((tx) => tx.putSidecar(vault, '_imports', { key: 'k' }, {}))
    await expect(sidecar).rejects.toThrow(SchemaFenceError)
    expect(await collection.get('x')).toEqual({ n: 1 })
    await putFence(store, { currentSchemaVersion: 0, fenceState: 'complete' })
    await collection.put('x', { n: 2 })
    expect((await collection.getMetadata('x'))?.version).toBe(2)
  })

  it('turns away a session of an earlier generation, until it opens the vault anew', async () => {
    const store = makeStore()
    const collection = (await (await session(store)).openVault('v')).collection('c')
    await collection.put('x', { n: 1 })
    await putFence(store, { currentSchemaVersion: 3, fenceState: 'normal' })
    await expect(collection.put('x', { n: 2 })).rejects.toThrow(MigrationRequiredError)
    const anew = (await (await session(store)).openVault('v')).collection('c')
    await anew.put('x', { n: 2 })
    expect(await collection.get('x')).toEqual({ n: 1 })
  })

  it('left by a session that died is opened by the next writer, once its lease is over', async () => {
    const store = makeStore()
    const vault = await (await session(store)).openVault('v')
    for (const fenceState of ['draining', 'migrating']) {
      await putFence(store, { currentSchemaVersion: 0, fenceState, owner: 'somebody', leaseUntil: past })
      await vault.collection('c').put('x', {})
      expect(await vault.schemaFenceState()).toEqual({ currentSchemaVersion: 0, fenceState: 'normal' })
    }
  })

  it('is opened by nobody who may not write', async () => {
    const store = makeStore()
    await (await (await session(store)).openVault('v')).collection('c').put('x', {})
    await grantTo(store, 'v', member('eve', 'viewer'))
    const dead = { currentSchemaVersion: 0, fenceState: 'draining', owner: 'somebody', leaseUntil: past }
    await putFence(store, dead)
    const vault = await (await session(store, { user: 'eve' })).openVault('v')
    await expect(vault.collection('c').put('x', {})).rejects.toThrow(ReadOnlyError)
    expect((await vault.schemaFenceState()).fenceState).toBe('draining')
  })

  it('left among rewritten records is for the same cutover to finish, not for other writers', async () => {
    const store = makeStore()
    await seed(store, 2)
    const { vault, invoices } = await openNew(store)
    const dead = { fenceState: 'migrating', owner: 'somebody', leaseUntil: past, target: 'elsewhere' }
    await putFence(store, { currentSchemaVersion: 0, ...dead })
    await expect(vault.collection('others').put('x', {})).rejects.toThrow(MigrationRequiredError)
    await expect(vault.runSchemaCutover()).rejects.toThrow(SchemaFenceError)
    await expect(vault.collection('others').put('x', {})).rejects.toThrow(MigrationRequiredError)
    await expect(invoices.list()).rejects.toThrow() // untouched, so still of the old shape
  })

  it('of a living session is not taken over', async () => {
    const store = makeStore()
    await seed(store, 1)
    const now = Date.now()
    const [one, two] = [
      await openNew(store, { clock: () => now }),
      await openNew(store, { clock: () => now }),
    ]
    const late = await openNew(store, { clock: () => now + 60_000 })
    let inside: Promise<unknown> | undefined
    let taken: Promise<unknown> | undefined
    const how = {
      prepare: async (docs: readonly Record<string, unknown>[]) => {
        inside ??= two.vault.runSchemaCutover()
        const leaseUntil = new Date(now + 20_000).toISOString()
        await expect(inside).rejects.toMatchObject({ code: 'SCHEMA_FENCE', leaseUntil })
        taken ??= late.vault.runSchemaCutover()
        await taken
        return docs.map(toCents)
      },
    }
    const slow = await openNew(store, { clock: () => now, how })
    // The slow one lost its lease to the late one, whose clock says that it died.
    await expect(slow.vault.runSchemaCutover()).rejects.toThrow()
    expect(await late.invoices.list()).toEqual(expectedInvoices(1))
    expect((await one.vault.schemaFenceState()).currentSchemaVersion).toBe(1)
  })

  it('is not held by sessions that merely have the vault open', async () => {
    const store = makeStore()
    const idle = await (await seed(store, 2)).openVault('v')
    const { vault } = await openNew(store)
    expect(await vault.runSchemaCutover({ quiesceTimeout: 1 })).toMatchObject({ migrated: 1 })
    await expect(idle.collection('invoices').put('x', { number: '1', amount: 1 })).rejects.toThrow(
      MigrationRequiredError,
    )
  })

  it('of two sessions with the same cutover lets one do it and the other find it done', async () => {
    const store = makeStore()
    await seed(store, 2)
    const [one, two] = [await openNew(store), await openNew(store)]
    expect((await one.vault.runSchemaCutover()).recordsMigrated).toBe(2)
    await expect(two.vault.collection('others').put('x', {})).rejects.toThrow(MigrationRequiredError)
    expect(await two.vault.runSchemaCutover()).toEqual({ migrated: 0, recordsMigrated: 0 })
    expect(await two.invoices.list()).toEqual(expectedInvoices(2))
    await two.invoices.put('i0', { number: '2026-0', cents: 1 })
    expect((await two.vault.schemaFenceState()).currentSchemaVersion).toBe(1)
  })

  it('does not let an older program write what a cutover has left behind', async () => {
    const store = makeStore()
    await seed(store, 1)
    await (await openNew(store)).vault.runSchemaCutover()
    const vault = await (await session(store)).openVault('v')
    const invoices = vault.collection('invoices', { schema: oldInvoice, persistJsonSchema: true })
    await expect(invoices.put('x', { number: '1', amount: 1 })).rejects.toThrow(MigrationRequiredError)
    const again = await openNew(store)
    expect(await again.vault.runSchemaCutover()).toEqual({ migrated: 0, recordsMigrated: 0 })
  })

  it('runs one cutover after the other, also back to where it was', async () => {
    const store = makeStore()
    await seed(store, 2)
    await (await openNew(store)).vault.runSchemaCutover()
    const back = await (await session(store)).openVault('v')
    const { coordinatedCutover } = await import('./strategies.ts')
    const transform = ({ cents, ...rest }: Record<string, unknown>) => ({
      ...rest,
      amount: Number(cents) / 100,
    })
    const invoices = back.collection('invoices', {
      schema: oldInvoice,
      persistJsonSchema: true,
      schemaUpdate: [coordinatedCutover({ transform })],
    })
    expect((await back.runSchemaCutover()).recordsMigrated).toBe(2)
    expect(await invoices.get('i1')).toEqual({ number: '2026-1', amount: 1.5 })
    const old = (await (await session(store)).openVault('v')).collection('invoices', {
      schema: oldInvoice,
      persistJsonSchema: true,
    })
    await old.put('i1', { number: '2026-1', amount: 2 })
    expect((await back.schemaFenceState()).currentSchemaVersion).toBe(2)
  })
})

describe('a write on its way in another session', () => {
  it('does not slip in behind a cutover, on a store with tx', async () => {
    const store = memory()
    await seed(store, 1)
    const writer = await session(store)
    const target = await writer.openVault('v')
    const { vault, invoices } = await openNew(store)
    let cutover: Promise<unknown> | undefined
    // After the fence was looked at and before the write is made.
    writer.onBeforeWrite(async () => {
      await (cutover = vault.runSchemaCutover())
    })
    const late = target.collection('invoices').put('late', { number: 'late', amount: 1 })
    await expect(late).rejects.toThrow(MigrationRequiredError)
    await cutover
    expect(await invoices.list()).toEqual(expectedInvoices(1))
    declareNew(vault, { transform: toCents }) // once more changes nothing
    expect(await store.get('v', 'invoices', 'late')).toBeNull()
  })
})
