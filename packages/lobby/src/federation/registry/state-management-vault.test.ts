import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { ref, STATE_VAULT_NAME } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { failingStore, openDb } from '../fixture-firm.ts'
import { blueprintOf, declarationsOf, fingerprintOf } from './blueprint.ts'
import { StateManagementVault } from './state-management-vault.ts'
import type { VaultTemplate } from '../types.ts'
import type { SurfaceRow } from './types.ts'

afterEach(() => void vi.useRealTimers())

const opened = { type: 'group-opened', group: 'firm' } as const

function template(configure: VaultTemplate['configure']): VaultTemplate {
  return { version: 1, configure }
}

describe('the deployment log', () => {
  it('is there after a restart without anybody listing it', async () => {
    const store = memory()
    await (await StateManagementVault.open(await openDb(store))).appendEvent(opened)
    const again = await StateManagementVault.open(await openDb(store))
    expect(again.queryEvents().toArray()).toMatchObject([{ ...opened, actor: 'ann', seq: 1 }])
  })

  it('keeps its order when the clock goes back, and a given time', async () => {
    const state = await StateManagementVault.open(await openDb(memory()))
    vi.useFakeTimers({ toFake: ['Date'], now: 2_000 })
    await state.appendEvent(opened)
    vi.setSystemTime(1_000)
    await state.appendEvent(opened)
    await state.appendEvent({ ...opened, ts: 5 })
    const times = state
      .queryEvents()
      .orderBy('seq')
      .toArray()
      .map(({ ts }) => ts)
    expect(times).toEqual([2_000, 1_000, 5])
    expect(await state.verifyEvents()).toEqual({ ok: true, entries: 3, broken: [] })
  })

  it('notices an altered, a removed and a moved event', async () => {
    const db = await openDb(memory())
    const state = await StateManagementVault.open(db)
    for (const detail of ['a', 'b', 'c']) await state.appendEvent({ ...opened, detail })
    const events = (await db.openVault(STATE_VAULT_NAME)).collection<object>('deploymentEvents')
    const [first, second, third] = await events.entries()
    await events.put(second!.id, { ...second!.record, detail: 'x' })
    expect((await state.verifyEvents()).broken).toEqual([2])
    await events.put(second!.id, second!.record)
    await events.delete(first!.id)
    expect((await state.verifyEvents()).broken).toContain(1)
    await events.put(first!.id, first!.record)
    await events.delete(third!.id)
    expect((await state.verifyEvents()).broken).toEqual([3])
  })

  it('chains what several wrappers of two instances append at once', async () => {
    const store = memory()
    const one = await openDb(store)
    const states = await Promise.all(
      [one, one, await openDb(store)].map((db) => StateManagementVault.open(db)),
    )
    await Promise.all(states.flatMap((state) => Array.from({ length: 5 }, () => state.appendEvent(opened))))
    const fresh = await StateManagementVault.open(await openDb(store))
    expect(await fresh.verifyEvents()).toEqual({ ok: true, entries: 15, broken: [] })
  })

  it('that cannot be read keeps no vault shut, and says so to who asks', async () => {
    const store = memory()
    await (await StateManagementVault.open(await openDb(store))).appendEvent(opened)
    const broken = failingStore(
      store,
      (call, _vault, collection) => call === 'listPage' && collection === 'deploymentEvents',
    )
    const state = await StateManagementVault.open(await openDb(broken))
    expect(() => state.queryEvents()).toThrow('disk')
    expect(await state.listSurfaces()).toEqual([])
  })
})

describe('manifests', () => {
  it('have the pinned fingerprint', () => {
    const blueprint = blueprintOf(declarationsOf(template((vault) => void vault.collection('invoices'))))
    expect(blueprint).toEqual({ collections: ['invoices'], indexes: { invoices: [] }, persistJsonSchema: [] })
    expect(fingerprintOf(blueprint)).toBe('1154b3090f9125f35299f4cec49e83b86305c95527cb9404c3bcd99489490522')
  })

  it('record names sorted, indexes as declared, and tolerate whatever else configure does', () => {
    const odd = template((vault) => {
      vault.collection('b', { indexes: ['z', ['x', 'y']], persistJsonSchema: true })
      vault.collection('a').query().where('x', '==', 1)
      vault.collection('b')
      vault.assertCanExport('bundle')
    })
    expect(blueprintOf(declarationsOf(odd))).toEqual({
      collections: ['a', 'b', 'b'],
      indexes: { a: [], b: [] },
      persistJsonSchema: ['b'],
    })
  })

  it('tell apart what the fingerprint does not: schema, references, provenance', async () => {
    const state = await StateManagementVault.open(await openDb(memory()))
    const plain = template((vault) => void vault.collection('a', { schema: z.object({ n: z.number() }) }))
    await state.recordManifest('t', plain)
    expect(await state.detectDrift('t', plain)).toBe(false)
    const others = [
      template((vault) => void vault.collection('a', { schema: z.object({ n: z.string() }) })),
      template(
        (vault) => void vault.collection('a', { schema: z.object({ n: z.number() }), refs: { n: ref('b') } }),
      ),
      template(
        (vault) => void vault.collection('a', { schema: z.object({ n: z.number() }), provenance: true }),
      ),
    ]
    for (const other of others) expect(await state.detectDrift('t', other)).toBe(true)
    const before = await state.schemaManifest.get('t:1')
    expect(await state.recordManifest('t', others[0]!)).toBe(before?.fingerprint)
    expect((await state.schemaManifest.get('t:1'))?.shape).not.toBe(before?.shape)
  })
})

describe('surfaces and migration status', () => {
  const surface: SurfaceRow = {
    id: 's1',
    collections: ['bills'],
    direction: 'push',
    conflictPolicy: { strategy: 'keep-local' },
    status: 'proposed',
    proposedBy: 'ann',
    createdAt: 1,
  }

  it('are stored by id, listed whole, and null when absent', async () => {
    const state = await StateManagementVault.open(await openDb(memory()))
    expect([await state.getSurface('s1'), await state.getMigrationStatus('v')]).toEqual([null, null])
    await state.createSurface(surface)
    await state.createSurface({ ...surface, createdAt: 2 })
    expect(await state.listSurfaces()).toEqual([{ ...surface, createdAt: 2 }])
    const row = { vaultId: 'v', group: 'g', currentVersion: 1, targetVersion: 2, status: 'running' } as const
    await state.upsertMigrationStatus({ ...row, startedAt: 5 })
    await state.upsertMigrationStatus(row)
    expect(await state.listMigrationStatus()).toEqual([row])
  })

  it('an update merges over what others wrote meanwhile, and refuses an unknown id by code', async () => {
    const store = memory()
    const [mine, theirs] = await Promise.all(
      [openDb(store), openDb(store)].map(async (db) => StateManagementVault.open(await db)),
    )
    await mine!.createSurface(surface)
    await theirs!.getSurface('s1')
    await mine!.updateSurface('s1', { status: 'agreed', agreedBy: 'bob' })
    const updated = await theirs!.updateSurface('s1', { cadenceMs: 10 })
    expect(updated).toEqual({ ...surface, status: 'agreed', agreedBy: 'bob', cadenceMs: 10 })
    await expect(mine!.updateSurface('none', {})).rejects.toMatchObject({ code: 'SURFACE_NOT_FOUND' })
  })
})
