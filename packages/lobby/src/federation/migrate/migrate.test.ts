import { afterEach, describe, expect, it, vi } from 'vitest'
import { NoAccessError, UnknownShardError } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import {
  books,
  failingStore,
  fillFirm,
  openDb,
  openFirm,
  type Firm,
  type FirmOptions,
} from '../fixture-firm.ts'
import type { VaultTemplate } from '../types.ts'

afterEach(() => void vi.useRealTimers())

const next: VaultTemplate = { ...books, version: 2 }

/** Cannot be applied to the shard of `b`. */
const faulty: VaultTemplate = {
  version: 2,
  configure(vault) {
    if (vault.name === 'firm--b') throw new Error('no such field')
    books.configure(vault)
  },
}

/** Shards a, b, c at version 1, opened again with another template. */
async function behind(options: FirmOptions, store = memory()): Promise<Firm> {
  await fillFirm(await openFirm({ store }), { a: 1, b: 1, c: 1 })
  return openFirm({ store, ...options })
}

async function versions({ group }: Firm): Promise<number[]> {
  return (await group.allRows()).map(({ schemaVersion }) => schemaVersion)
}

async function eventTypes({ lobby }: Firm, vaultId: string): Promise<string[]> {
  const state = await lobby.openStateManagementVault()
  expect((await state.verifyEvents()).ok).toBe(true)
  return state
    .queryEvents()
    .where('vaultId', '==', vaultId)
    .orderBy('seq')
    .toArray()
    .map(({ type }) => type)
}

describe('migrateShard', () => {
  it('advances the row, tells what it did, and is done the second time', async () => {
    const firm = await behind({ template: next })
    vi.useFakeTimers({ toFake: ['Date'], now: 5_000 })
    const done = await firm.group.migrateShard('a')
    expect(done).toEqual({
      vaultId: 'firm--a',
      group: 'firm',
      currentVersion: 2,
      targetVersion: 2,
      status: 'done',
      startedAt: 5_000,
      finishedAt: 5_000,
      attempts: 1,
      fromGeneration: 0,
      migrated: 0,
    })
    vi.setSystemTime(9_000)
    expect(await firm.group.migrateShard('a')).toEqual(done)
    expect(await versions(firm)).toEqual([2, 1, 1])
    expect(await eventTypes(firm, 'firm--a')).toEqual([
      'shard-created',
      'migration-started',
      'migration-completed',
    ])
    await expect(firm.group.migrateShard('none')).rejects.toThrow(UnknownShardError)
  })

  it('runs once for all who ask at the same time', async () => {
    const firm = await behind({ template: next })
    const [one, two] = await Promise.all([firm.group.migrateShard('a'), firm.group.migrateShard('a')])
    expect(one).toBe(two)
    expect(one.attempts).toBe(1)
    expect(await eventTypes(firm, 'firm--a')).toHaveLength(3)
  })

  it('reports a shard that was made at this version', async () => {
    const firm = await openFirm()
    await firm.group.createShard('a')
    expect(await firm.group.migrateShard('a')).toMatchObject({
      status: 'done',
      migrated: 0,
      currentVersion: 1,
    })
    expect(await eventTypes(firm, 'firm--a')).toEqual(['shard-created'])
  })

  it('a failure is a status; the next attempt keeps the start and counts on', async () => {
    const store = memory()
    const firm = await behind({ template: faulty }, store)
    vi.useFakeTimers({ toFake: ['Date'], now: 5_000 })
    expect(await firm.group.migrateShard('b')).toMatchObject({
      status: 'failed',
      error: 'no such field',
      currentVersion: 1,
      attempts: 1,
    })
    vi.setSystemTime(4_000) // a clock that goes back
    const again = await openFirm({ store, template: next })
    expect(await again.group.migrateShard('b')).toMatchObject({
      status: 'done',
      startedAt: 5_000,
      finishedAt: 4_000,
      attempts: 2,
    })
    expect(await again.group.migrateShard('b')).not.toHaveProperty('error')
    expect(await eventTypes(again, 'firm--b')).toEqual([
      'shard-created',
      'migration-started',
      'migration-failed',
      'migration-started',
      'migration-completed',
    ])
  })

  it('waits for access where this user has none, which is no failure', async () => {
    const firm = await openFirm({ template: next })
    await (await openDb(firm.store, { user: 'bob' })).openVault('firm--bobs')
    const row = {
      vaultId: 'firm--bobs',
      partitionKey: 'bobs',
      templateName: 'books',
      schemaVersion: 1,
      createdAt: 0,
      group: 'firm',
    }
    await firm.group.registry.put('firm--bobs', row)
    expect(await firm.group.migrateShard('bobs')).toMatchObject({
      status: 'pending',
      phase: 'waiting for access',
    })
    expect(await firm.group.migrateFleet()).toEqual({
      target: 2,
      migrated: [],
      failed: [],
      waiting: ['firm--bobs'],
    })
  })

  it('row, status and event are written together: where one cannot be, the shard stays behind', async () => {
    let isBroken = false
    const store = failingStore(
      memory(),
      (call, _vault, collection) => isBroken && call === 'tx' && collection === 'vaultRegistry',
    )
    const firm = await behind({ store, template: next }, store as ReturnType<typeof memory>)
    isBroken = true
    expect(await firm.group.migrateShard('a')).toMatchObject({ status: 'failed', currentVersion: 1 })
    expect(await versions(firm)).toEqual([1, 1, 1])
    isBroken = false
    expect(await firm.group.migrateShard('a')).toMatchObject({ status: 'done', attempts: 2 })
  })
})

describe('migrateFleet', () => {
  it('goes on past a bad shard, and next time does what is left', async () => {
    const store = memory()
    const firm = await behind({ template: faulty }, store)
    const progress: number[] = []
    expect(await firm.group.migrateFleet({ onProgress: (done) => progress.push(done) })).toEqual({
      target: 2,
      migrated: ['firm--a', 'firm--c'],
      failed: [{ vaultId: 'firm--b', error: 'no such field' }],
      waiting: [],
    })
    expect(progress).toEqual([1, 2, 3])
    const again = await openFirm({ store, template: next })
    expect(await again.group.migrateFleet()).toMatchObject({ migrated: ['firm--b'], failed: [] })
    expect(await again.group.migrateFleet()).toMatchObject({ migrated: [], failed: [] })
  })

  it('a status that cannot be written is an entry of the report, not its end', async () => {
    const inner = memory()
    let nth = 0
    const store = failingStore(
      inner,
      (call, _vault, collection) => call === 'tx' && collection === 'migrationStatus' && (nth += 1) === 1,
    )
    const firm = await behind({ store, template: next }, inner)
    const report = await firm.group.migrateFleet({ batchSize: 1 })
    expect(report.failed).toMatchObject([
      { vaultId: 'firm--a', error: expect.stringContaining('disk') as string },
    ])
    expect(report.migrated).toEqual(['firm--b', 'firm--c'])
  })

  it('takes a cohort, ignoring keys it does not know', async () => {
    const firm = await behind({ template: next })
    expect((await firm.group.migrateFleet({ cohort: [] })).migrated).toEqual([])
    expect((await firm.group.migrateFleet({ cohort: ['c', 'none'], batchSize: 0 })).migrated).toEqual([
      'firm--c',
    ])
    expect(await versions(firm)).toEqual([1, 1, 2])
  })

  it('leaves out removed shards and takes archived ones along', async () => {
    const firm = await behind({ template: next })
    await firm.group.removeShard('a')
    await firm.group.archiveShard('b')
    expect((await firm.group.migrateFleet()).migrated).toEqual(['firm--b', 'firm--c'])
  })
})

describe('migrate on open', () => {
  const group = { migrateOnOpen: true }

  it('brings a shard up before it is handed out, and reads do not', async () => {
    const firm = await behind({ template: next, group })
    await firm.group.collection('bills').query().toArray()
    expect(await versions(firm)).toEqual([1, 1, 1])
    await firm.group.openShard('a')
    await firm.group.collection('bills').put('x', { client: 'b', net: 1 })
    expect(await versions(firm)).toEqual([2, 2, 1])
  })

  it('that fails hands out no vault; one without access says so', async () => {
    const firm = await behind({ template: faulty, group })
    await expect(firm.group.openShard('b')).rejects.toMatchObject({ code: 'SHARD_MIGRATION_FAILED' })
    await expect(firm.group.shard('b')).rejects.toMatchObject({ code: 'SHARD_MIGRATION_FAILED' })
    await expect(firm.group.collection('bills').put('x', { client: 'b', net: 1 })).rejects.toMatchObject({
      code: 'SHARD_MIGRATION_FAILED',
    })
    await (await openDb(firm.store, { user: 'bob' })).openVault('firm--bobs')
    const [row] = await firm.group.allRows()
    await firm.group.registry.put('firm--bobs', { ...row!, vaultId: 'firm--bobs', partitionKey: 'bobs' })
    await expect(firm.group.openShard('bobs')).rejects.toThrow(NoAccessError)
  })
})
