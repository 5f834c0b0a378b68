/** Groups as people see them who may do some things in some shards: real grants, a session of each person's own. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  coordinatedCutover,
  NoAccessError,
  PermissionDeniedError,
  ReadOnlyError,
  STATE_VAULT_NAME,
  type Permissions,
  type Role,
} from '@noy-db/hub'
import { count, sum } from '@noy-db/hub/aggregate'
import { z } from 'zod'
import { groupInspector } from '../tools/inspector.ts'
import { meterGroup } from '../tools/meter.ts'
import { fillFirm, openFirm, type Bill, type Firm, type FirmOptions } from './fixture-firm.ts'
import type { CrossVaultDerivationSpec } from './insights/types.ts'
import { billsAt } from './migrate/fixture-cutover.ts'
import type { SkippedVault, VaultTemplate } from './types.ts'

afterEach(() => vi.restoreAllMocks())

const REGISTRY: Permissions = { vaultRegistry: 'ro' }
const LOG: Permissions = { vaultRegistry: 'rw', deploymentEvents: 'rw', deploymentHead: 'rw' }
const target = { vault: 'insights', collection: 'totals' }
const totals: CrossVaultDerivationSpec<Bill, { total: number }> = {
  source: 'bills',
  target,
  derive: (records) => ({ total: records.reduce((total, { net }) => total + net, 0) }),
}
const skips = (skipped: readonly SkippedVault[]) => skipped.map(({ vaultId, reason }) => [vaultId, reason])

/** Ann's firm: shards a, b, c with two bills each. */
async function annsFirm(options: FirmOptions = {}): Promise<Firm> {
  const firm = await openFirm(options)
  await fillFirm(firm, { a: 2, b: 2, c: 2 })
  return firm
}

async function grant({ db }: Firm, vault: string, userId: string, role: Role, permissions?: Permissions) {
  const who = { userId, displayName: userId, role, passphrase: 'correct horse' }
  await db.grant(vault, { ...who, ...(permissions && { permissions }) })
}

async function as(user: string, { store }: Firm, options: FirmOptions = {}): Promise<Firm> {
  return openFirm({ store, user, ...options })
}

async function summing(user: string, ann: Firm): Promise<Firm> {
  const firm = await as(user, ann)
  firm.group.withCrossVaultDerivation(totals)
  return firm
}

/** Olga writes bills in `a`, reads them in `b`, has nothing in `c`, and reads the registry. */
async function olgas(ann: Firm, options: FirmOptions = {}): Promise<Firm> {
  await grant(ann, STATE_VAULT_NAME, 'olga', 'operator', REGISTRY)
  await grant(ann, 'firm--a', 'olga', 'operator', { bills: 'rw' })
  await grant(ann, 'firm--b', 'olga', 'operator', { bills: 'ro' })
  return as('olga', ann, options)
}

/** Vera reads everything, in every shard. */
async function veras(ann: Firm, options: FirmOptions = {}): Promise<Firm> {
  for (const vault of [STATE_VAULT_NAME, 'firm--a', 'firm--b', 'firm--c'])
    await grant(ann, vault, 'vera', 'viewer')
  return as('vera', ann, options)
}

const C_IS_CLOSED = [['firm--c', 'no-grant']]

describe('an operator of some shards', () => {
  it('is given the rows, totals and pages of those, and told of the others', async () => {
    const { group } = await olgas(await annsFirm())
    const query = group.collection('bills').query()
    const all = await query.toArray()
    expect(all.results.map(({ client }) => client)).toEqual(['a', 'a', 'b', 'b'])
    expect(skips(all.skippedVaults)).toEqual(C_IS_CLOSED)
    const { result, skippedVaults } = await query.aggregate({ rows: count(), total: sum('net') }).run()
    expect([result, skips(skippedVaults)]).toEqual([{ rows: 4, total: 6 }, C_IS_CLOSED])
    const page = await query.orderBy('net', 'desc').limit(1).toArray()
    expect([page.results.length, skips(page.skippedVaults)]).toEqual([1, C_IS_CLOSED])
  })

  it('joins nothing that is not granted: such a shard is a skip, not a row without its partner', async () => {
    const { group } = await olgas(await annsFirm())
    await group.collection('bills').put('a-1', { client: 'a', net: 1, partner: 'p' })
    const joined = await group.collection('bills').query().crossShardJoin('partner', { as: 'who' }).toArray()
    expect(joined.results).toEqual([])
    expect(skips(joined.skippedVaults)).toEqual([
      ['firm--a', 'no-grant'],
      ['firm--b', 'no-grant'],
      ...C_IS_CLOSED,
    ])
  })

  it('follows what is granted, live', async () => {
    const { group } = await olgas(await annsFirm())
    const live = group.collection('bills').query().live()
    await live.ready
    expect([live.value.length, live.error, skips(live.skippedVaults)]).toEqual([4, null, C_IS_CLOSED])
    const told = new Promise<void>((resolve) => live.subscribe(resolve))
    await group.collection('bills').put('a-3', { client: 'a', net: 3 })
    await told
    expect([live.value.length, skips(live.skippedVaults)]).toEqual([5, C_IS_CLOSED])
    live.stop()
  })

  it('writes where that is granted, and makes no shards', async () => {
    const ann = await annsFirm()
    const { group, store } = await olgas(ann)
    const bills = group.collection('bills')
    await expect(bills.put('x', { client: 'b', net: 1 })).rejects.toThrow(ReadOnlyError)
    await expect(bills.put('x', { client: 'c', net: 1 })).rejects.toThrow(NoAccessError)
    await expect(bills.put('x', { client: 'new', net: 1 })).rejects.toThrow(ReadOnlyError)
    await expect(group.createShard('new')).rejects.toThrow(ReadOnlyError)
    expect(await store.list('firm--new', '_keyring')).toEqual([])
    const rows = ['a', 'b', 'c'].map((client) => ({ id: `many-${client}`, record: { client, net: 9 } }))
    await expect(bills.putMany(rows)).rejects.toThrow(NoAccessError)
    await expect(bills.putMany(rows.slice(0, 2))).rejects.toThrow(ReadOnlyError)
    expect((await bills.query().where('net', '==', 9).toArray()).results).toEqual([])
    const { written, failed } = await bills.putMany(rows, { atomic: 'shard' })
    expect([written, failed.map(({ partitionKey }) => partitionKey)]).toEqual([1, ['b', 'c']])
    expect(failed.map(({ error }) => error.constructor)).toEqual([ReadOnlyError, NoAccessError])
    await expect(group.archiveShard('a')).rejects.toThrow(NoAccessError) // to the log it would write
  })

  it('makes shards once registry and log may be written, and not with half of that', async () => {
    const ann = await annsFirm()
    await grant(ann, STATE_VAULT_NAME, 'olga', 'operator', { vaultRegistry: 'rw' })
    await expect((await as('olga', ann)).group.createShard('new')).rejects.toThrow(NoAccessError)
    expect(await ann.store.list('firm--new', '_keyring')).toEqual([])
    await grant(ann, STATE_VAULT_NAME, 'olga', 'operator', LOG)
    await (await as('olga', ann)).group.createShard('new')
    expect(await ann.store.list('firm--new', '_keyring')).toEqual(['olga'])
  })

  it('refreshes summaries of what is granted, and leaves those of the others as they are', async () => {
    const ann = await annsFirm()
    ann.group.withCrossVaultDerivation(totals)
    await ann.group.refreshInsights()
    await olgas(ann)
    const olga = await summing('olga', ann)
    await expect(olga.group.refreshInsights()).rejects.toThrow(NoAccessError)
    await grant(ann, 'insights', 'olga', 'operator', { totals: 'ro' })
    await expect((await summing('olga', ann)).group.refreshInsights()).rejects.toThrow(ReadOnlyError)
    await grant(ann, 'insights', 'olga', 'operator', { totals: 'rw' })
    const writing = await summing('olga', ann)
    await writing.group.collection('bills').put('a-3', { client: 'a', net: 7 })
    const { written, skippedVaults, stale } = await writing.group.refreshInsights()
    expect([written, skips(skippedVaults), stale]).toEqual([2, C_IS_CLOSED, []])
    const rows = await writing.group.insightRows<{ total: number }>(target)
    expect(rows.map(({ summary, freshness }) => [summary.total, freshness?.state])).toEqual([
      [10, 'fresh'],
      [3, 'fresh'],
      [3, 'fresh'],
    ])
  })
})

describe('a viewer', () => {
  it('reads everything, writes nothing, and leaves no trace in the log', async () => {
    const ann = await annsFirm()
    const warn = vi.spyOn(console, 'warn')
    const vera = await veras(ann)
    expect((await vera.group.collection('bills').query().toArray()).results).toHaveLength(6)
    await expect(vera.group.collection('bills').put('x', { client: 'a', net: 1 })).rejects.toThrow(
      ReadOnlyError,
    )
    await expect(vera.group.createShard('new')).rejects.toThrow(ReadOnlyError)
    const events = (await vera.lobby.openStateManagementVault()).queryEvents().toArray()
    expect(events.map(({ actor }) => actor)).not.toContain('vera')
    expect(warn).not.toHaveBeenCalled()
  })

  it('opens a group whose manifest nobody has recorded yet', async () => {
    const ann = await annsFirm()
    const vera = await veras(ann, { template: billsAt(1) })
    const state = await vera.lobby.openStateManagementVault()
    expect(await state.detectDrift('other', billsAt(1))).toBe(true)
    const later = await as('vera', ann, { template: { ...billsAt(1), version: 7 } })
    expect(await state.schemaManifest.get('books:7')).toBeNull()
    expect(await later.group.allRows()).toHaveLength(3)
  })
})

describe('somebody whose access was revoked', () => {
  it('keeps the shards that were not, and is told of the one that was', async () => {
    const ann = await annsFirm()
    await olgas(ann)
    await ann.db.revoke('firm--a', { userId: 'olga' })
    const { group } = await as('olga', ann)
    const { results, skippedVaults } = await group.collection('bills').query().toArray()
    expect(results.map(({ client }) => client)).toEqual(['b', 'b'])
    expect(skips(skippedVaults)).toEqual([['firm--a', 'no-grant'], ...C_IS_CLOSED])
    await expect(group.collection('bills').put('x', { client: 'a', net: 1 })).rejects.toThrow(NoAccessError)
    expect((await ann.group.collection('bills').query().toArray()).results).toHaveLength(6)
  })

  it('of the registry opens no group, whatever shards are left', async () => {
    const ann = await annsFirm()
    await olgas(ann)
    await ann.db.revoke(STATE_VAULT_NAME, { userId: 'olga' })
    await expect(as('olga', ann)).rejects.toThrow(NoAccessError)
    expect(await ann.store.list(STATE_VAULT_NAME, '_keyring')).toEqual(['ann'])
  })
})

describe('a custodian of a group', () => {
  it('reads, writes, makes and migrates shards, and grants nothing', async () => {
    const ann = await openFirm({ template: billsAt(1) })
    await fillFirm(ann, { a: 2, b: 1 })
    for (const key of ['a', 'b']) await (await ann.group.shard(key))._drainPendingSchemaWrites()
    const who = { userId: 'cleo', displayName: 'Cleo', passphrase: 'correct horse' }
    for (const vault of [STATE_VAULT_NAME, 'firm--a', 'firm--b']) await ann.db.grantCustodian(vault, who)
    const cleo = await as('cleo', ann, { template: billsAt(2) })
    expect(await cleo.group.migrateFleet()).toMatchObject({ migrated: ['firm--a', 'firm--b'], waiting: [] })
    await (await cleo.group.createShard('new')).collection('bills').put('n', { client: 'new', netMinor: 5 })
    const { result } = await cleo.group
      .collection('bills')
      .query()
      .aggregate({ total: sum('netMinor') })
      .run()
    expect(result).toEqual({ total: 405 })
    const other = { ...who, userId: 'otto', role: 'viewer' } as const
    await expect(cleo.db.grant('firm--a', other)).rejects.toThrow(PermissionDeniedError)
    const events = (await cleo.lobby.openStateManagementVault()).queryEvents()
    expect(events.where('type', '==', 'migration-completed').toArray()).toMatchObject([
      { actor: 'cleo' },
      { actor: 'cleo' },
    ])
  })
})

describe('migrations by people who may not', () => {
  const ALL: Permissions = { ...LOG, migrationStatus: 'rw' }
  /** Bills stay as they are; it is the partners that move. */
  const partnersMove: VaultTemplate = {
    version: 2,
    configure(vault) {
      billsAt(1).configure(vault)
      vault.collection('partners', {
        schema: z.object({ fullName: z.string() }),
        persistJsonSchema: true,
        schemaUpdate: [coordinatedCutover({ transform: ({ name }) => ({ fullName: name }) })],
      })
    },
  }
  const before: VaultTemplate = {
    version: 1,
    configure(vault) {
      billsAt(1).configure(vault)
      vault.collection('partners', { schema: z.object({ name: z.string() }), persistJsonSchema: true })
    },
  }

  async function withPartners(): Promise<Firm> {
    const ann = await openFirm({ template: before })
    const shard = await ann.group.createShard('a')
    await shard.collection('partners').put('p', { name: 'Pia' })
    await shard._drainPendingSchemaWrites()
    return ann
  }

  it.each([
    ['sees only another collection', { bills: 'rw' }],
    ['reads the one that moves', { bills: 'rw', partners: 'ro' }],
  ] as const)('wait while the operator %s', async (_what, permissions) => {
    const ann = await withPartners()
    await grant(ann, STATE_VAULT_NAME, 'olga', 'operator', ALL)
    await grant(ann, 'firm--a', 'olga', 'operator', permissions)
    const olga = await as('olga', ann, { template: partnersMove, group: { migrateOnOpen: true } })
    const waiting = { status: 'pending', phase: 'waiting for access', currentVersion: 1, targetVersion: 2 }
    expect(await olga.group.migrateShard('a')).toMatchObject(waiting)
    const state = await olga.lobby.openStateManagementVault()
    expect(await state.getMigrationStatus('firm--a')).toMatchObject(waiting)
    expect(await olga.group.migrateFleet()).toMatchObject({ migrated: [], failed: [], waiting: ['firm--a'] })
    await expect(olga.group.openShard('a')).rejects.toMatchObject({ code: 'SHARD_MIGRATION_WAITING' })
    const later = await as('ann', ann, { template: partnersMove })
    expect(await later.group.migrateShard('a')).toMatchObject({ status: 'done', migrated: 1 })
    expect(await (await later.group.shard('a')).collection('partners').list()).toEqual([{ fullName: 'Pia' }])
  })

  it('wait also where the control plane takes no note of it', async () => {
    const ann = await withPartners()
    for (const vault of [STATE_VAULT_NAME, 'firm--a']) await grant(ann, vault, 'vera', 'viewer')
    const vera = await as('vera', ann, { template: partnersMove })
    expect(await vera.group.migrateShard('a')).toEqual({
      vaultId: 'firm--a',
      group: 'firm',
      currentVersion: 1,
      targetVersion: 2,
      status: 'pending',
      phase: 'waiting for access',
    })
    expect((await vera.group.migrateFleet()).waiting).toEqual(['firm--a'])
    const state = await vera.lobby.openStateManagementVault()
    expect(await state.getMigrationStatus('firm--a')).toBeNull()
  })

  it('adopt no vault they see a part of', async () => {
    const ann = await withPartners()
    await ann.group.registry.delete('firm--a')
    await grant(ann, STATE_VAULT_NAME, 'olga', 'operator', ALL)
    await grant(ann, 'firm--a', 'olga', 'operator', { bills: 'rw' })
    const olga = await as('olga', ann, { template: partnersMove })
    await expect(olga.group.createShard('a')).rejects.toThrow(NoAccessError)
    expect(await olga.group.allRows()).toEqual([])
  })
})

describe('tools', () => {
  it('show the role somebody really has in each shard, and nothing of the others', async () => {
    const ann = await annsFirm()
    const { group } = await olgas(ann)
    const inspector = groupInspector(group)
    const open = [
      { id: 'firm--a', role: 'operator' },
      { id: 'firm--b', role: 'operator' },
    ]
    expect(await inspector.listAccessibleVaults()).toEqual(open)
    await expect(inspector.openVault('firm--c')).rejects.toThrow(NoAccessError)
    const vera = groupInspector((await veras(ann)).group)
    expect((await vera.listAccessibleVaults()).map(({ role }) => role)).toEqual([
      'viewer',
      'viewer',
      'viewer',
    ])
    await ann.db.grant('firm--c', {
      userId: 'olga',
      displayName: 'Olga',
      role: 'admin',
      passphrase: 'correct horse',
    })
    const later = groupInspector((await as('olga', ann)).group)
    expect(await later.listAccessibleVaults()).toEqual([...open, { id: 'firm--c', role: 'admin' }])
  })

  it.each(['with', 'without'])('count what can be opened, on a store %s counts of its own', async (kind) => {
    const ann = await annsFirm()
    await (await ann.group.shard('a')).collection('partners').put('p', {})
    const olga = await olgas(ann)
    const { stats: _stats, ...bare } = ann.store
    const { group } = kind === 'with' ? olga : await as('olga', { ...ann, store: bare })
    const report = await meterGroup(group)
    expect([report.vaults, report.collections, report.records]).toEqual([2, 2, 5])
    expect(skips(report.skipped)).toEqual(C_IS_CLOSED)
  })
})
