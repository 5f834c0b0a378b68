import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { memory } from '@noy-db/hub/memory'
import { describe, expect, it, vi } from 'vitest'
import { failingStore, openDb, type Firm } from '../federation/fixture-firm.ts'
import { verifyShardSnapshot } from '../snapshot/index.ts'
import { behind, billsOf, newBooks, openNext, tempFolder, versionsOf } from './testing/books-firm.ts'
import type { CampaignProgress } from './types.ts'

const code = (expected: string) => expect.objectContaining({ code: expected }) as unknown
const containing = (text: string) => expect.stringContaining(text) as unknown
const ONE = { concurrency: 1 }

async function idOf({ group }: Firm): Promise<string> {
  return (await group.campaign().list())[0]?.id ?? ''
}

describe('a plan', () => {
  it('counts what is behind without a key, the smallest shard with records first', async () => {
    const firm = await behind({ a: 5, b: 0, c: 2 })
    const plan = await firm.group.campaign().plan()
    expect(plan).toMatchObject({ group: 'firm', template: 'books', target: 2, records: 7 })
    expect(plan.shards).toEqual([
      { vaultId: 'firm--c', partitionKey: 'c', from: 1, to: 2, records: 2, cohort: 'canary' },
      { vaultId: 'firm--a', partitionKey: 'a', from: 1, to: 2, records: 5, cohort: 'rest' },
      { vaultId: 'firm--b', partitionKey: 'b', from: 1, to: 2, records: 0, cohort: 'rest' },
    ])
  })

  it('takes the canaries and shards it is told, and none that is archived or done', async () => {
    const firm = await behind({ a: 1, b: 1, c: 1, d: 1 })
    await firm.group.archiveShard('d')
    await firm.group.migrateShard('c')
    const only = ['a', 'b', 'c', 'd', 'none']
    const plan = await firm.group.campaign().plan({ only, canary: ['b'] })
    expect(plan.shards.map(({ partitionKey, cohort }) => [partitionKey, cohort])).toEqual([
      ['b', 'canary'],
      ['a', 'rest'],
    ])
    await expect(firm.group.campaign().plan({ only: ['c'] })).rejects.toEqual(code('CAMPAIGN_EMPTY'))
  })

  it('is refused once something has moved', async () => {
    const firm = await behind({ a: 1, b: 1 })
    const plan = await firm.group.campaign().plan()
    await firm.group.migrateShard('a')
    const started = firm.group.campaign().start(plan, { snapshotFolder: null })
    await expect(started).rejects.toEqual(code('PLAN_STALE'))
  })
})

describe('a campaign', () => {
  it('keeps a proved snapshot of every shard, migrates all, and accounts for each', async () => {
    const firm = await behind({ a: 3, b: 2, c: 1 })
    const campaigns = firm.group.campaign()
    const seen: CampaignProgress[] = []
    const onProgress = (progress: CampaignProgress): void => void seen.push(progress)
    const settings = { snapshotFolder: join(tempFolder(), 'new'), onProgress }
    const report = await campaigns.start(await campaigns.plan(), settings)
    expect(report).toMatchObject({
      campaign: { state: 'done' },
      counts: { done: 3 },
      migrated: 6,
      runner: null,
    })
    expect(report.shards.map(({ partitionKey }) => partitionKey)).toEqual(['c', 'a', 'b'])
    expect(await versionsOf(firm)).toEqual({ a: 2, b: 2, c: 2 })
    expect(await billsOf(firm, 'b')).toEqual([
      { client: 'b', netMinor: 100 },
      { client: 'b', netMinor: 200 },
    ])
    for (const { vaultId, snapshot } of report.shards) {
      const proof = await verifyShardSnapshot(snapshot?.file ?? '', { db: firm.db })
      expect(proof).toMatchObject({ vault: vaultId, id: snapshot?.id, collections: snapshot?.collections })
    }
    const last = { records: 6, total: 6, waitingFor: [], shards: { done: 3, total: 3 } }
    expect(seen.at(-1)).toMatchObject(last)
    expect(seen.flatMap(({ waitingFor }) => waitingFor.map(({ step }) => step))).toContain('proof')
    expect(seen.every(({ records }, at) => records >= (seen[at - 1]?.records ?? 0))).toBe(true)
    await expect(campaigns.resume(report.campaign.id)).rejects.toEqual(code('CAMPAIGN_ENDED'))
  })

  it('stops at the first failure, in the canary cohort already', async () => {
    const firm = await behind({ a: 1, b: 2, c: 3 }, { template: newBooks(new Set(['a'])) })
    const campaigns = firm.group.campaign()
    const report = await campaigns.start(await campaigns.plan(), { snapshotFolder: null, ...ONE })
    expect(report.campaign).toMatchObject({ state: 'stopped', reason: containing('1 shards') })
    expect(report.counts).toMatchObject({ failed: 1, pending: 2 })
    expect(report.shards[0]?.error).toMatchObject({ message: 'a cannot be read' })
    expect(await versionsOf(firm)).toEqual({ a: 1, b: 1, c: 1 })
  })

  it('goes on past as many failures as it may have, and past those somebody has seen', async () => {
    const store = memory()
    const template = newBooks(new Set(['a', 'b', 'd']))
    const firm = await behind({ c: 1, a: 2, b: 2, d: 2, e: 2 }, { store, template })
    const campaigns = firm.group.campaign()
    const settings = { snapshotFolder: null, maxFailures: 1, ...ONE }
    const stopped = await campaigns.start(await campaigns.plan(), settings)
    expect(stopped.counts).toMatchObject({ done: 1, failed: 2, pending: 2 })
    const { id } = stopped.campaign
    const seen = await campaigns.resume(id)
    expect(seen).toMatchObject({ campaign: { state: 'stopped' }, counts: { done: 2, failed: 3 } })
    const next = await openNext(store)
    for (const key of ['a', 'b']) await next.group.campaign().retry(id, key)
    const done = await next.group.campaign().retry(id, 'd')
    expect(done).toMatchObject({ campaign: { state: 'done' }, counts: { done: 5 }, migrated: 9 })
    expect(done.shards.find(({ partitionKey }) => partitionKey === 'd')).toMatchObject({ attempts: 2 })
    expect(done.shards.some(({ error }) => error !== undefined)).toBe(false)
  })

  it('a shard this user cannot open waits; it is no failure, and no proof either', async () => {
    const store = memory()
    const firm = await behind({ a: 1 }, { store })
    const bobs = await openDb(store, { user: 'bob' })
    await bobs.openVault('firm--bobs')
    const row = { vaultId: 'firm--bobs', partitionKey: 'bobs', templateName: 'books', schemaVersion: 1 }
    await firm.group.registry.put('firm--bobs', { ...row, createdAt: 0, group: 'firm' })
    const campaigns = firm.group.campaign()
    const plan = await campaigns.plan({ canary: ['bobs'] })
    const stopped = await campaigns.start(plan, { snapshotFolder: tempFolder() })
    expect(stopped.campaign).toMatchObject({ state: 'stopped', reason: containing('canary') })
    expect(stopped.counts).toMatchObject({ 'waiting for access': 1, failed: 0, pending: 1 })
    const { id } = stopped.campaign
    const resumed = await campaigns.resume(id)
    expect(resumed.campaign.state).toBe('waiting for access')
    expect(resumed.counts).toMatchObject({ done: 1, 'waiting for access': 1 })
    const grant = { userId: 'ann', displayName: 'Ann', role: 'owner', passphrase: 'correct horse' } as const
    await bobs.grant('firm--bobs', grant)
    expect((await campaigns.resume(id)).campaign.state).toBe('done')
  })

  it('removes its snapshots where they are not to be kept, once all is done', async () => {
    const firm = await behind({ a: 1, b: 1 })
    const folder = tempFolder()
    const campaigns = firm.group.campaign()
    const settings = { snapshotFolder: folder, keepSnapshots: false }
    const { campaign } = await campaigns.start(await campaigns.plan(), settings)
    expect(readdirSync(folder)).toEqual([])
    await expect(campaigns.restore(campaign.id, ['a'])).rejects.toEqual(code('SNAPSHOT_MISSING'))
  })

  it('is the only one of its group that has not ended', async () => {
    const firm = await behind({ a: 1, b: 1 }, { template: newBooks(new Set(['a'])) })
    const campaigns = firm.group.campaign()
    const again = async () => campaigns.start(await campaigns.plan(), { snapshotFolder: null })
    const { campaign } = await again()
    await expect(again()).rejects.toEqual(code('CAMPAIGN_OPEN'))
    await expect(campaigns.retry(campaign.id, 'b')).rejects.toEqual(code('CAMPAIGN_SHARD_STATE'))
    await expect(campaigns.retry(campaign.id, 'none')).rejects.toEqual(code('CAMPAIGN_SHARD_UNKNOWN'))
    expect(await campaigns.cancel(campaign.id)).toMatchObject({
      state: 'cancelled',
      request: { state: 'done' },
    })
    await expect(campaigns.resume(campaign.id)).rejects.toEqual(code('CAMPAIGN_ENDED'))
    expect((await again()).counts).toMatchObject({ failed: 1 })
    expect(await campaigns.list()).toHaveLength(2)
    await expect(campaigns.report('none')).rejects.toEqual(code('CAMPAIGN_NOT_FOUND'))
  })
})

describe('pause, cancel, abort', () => {
  /** Calls `act` when the first shard is at its cutover. */
  function atCutover(act: () => unknown): (progress: CampaignProgress) => void {
    let acted = false
    return ({ waitingFor }) => {
      if (acted || !waitingFor.some(({ step }) => step === 'cutover')) return
      acted = true
      act()
    }
  }

  it.each(['pause', 'cancel'] as const)(
    '%s is accepted, finishes what is under way, and is done',
    async (kind) => {
      const firm = await behind({ a: 1, b: 2, c: 3 })
      const campaigns = firm.group.campaign()
      const accepted: Promise<unknown>[] = []
      const onProgress = atCutover(() => accepted.push(idOf(firm).then((id) => campaigns[kind](id))))
      const settings = { snapshotFolder: null, onProgress, ...ONE }
      const report = await campaigns.start(await campaigns.plan(), settings)
      const request = { kind, state: 'accepted', by: 'ann' }
      expect(await accepted[0]).toMatchObject({ state: 'running', request })
      const state = kind === 'pause' ? 'paused' : 'cancelled'
      expect(report.campaign).toMatchObject({ state, request: { kind, state: 'done' } })
      expect(report.counts.snapshot + report.counts.migrating).toBe(0)
      expect(report.counts.done).toBeGreaterThan(0)
      expect(report.counts.pending).toBeGreaterThan(0)
      if (kind === 'cancel') return
      const { campaign, counts } = await campaigns.resume(report.campaign.id)
      expect([campaign.state, campaign.request, counts.done]).toEqual(['done', undefined, 3])
    },
  )

  it('a pause where nobody runs it is done at once', async () => {
    const firm = await behind({ a: 1, b: 1 }, { template: newBooks(new Set(['a'])) })
    const campaigns = firm.group.campaign()
    const { campaign } = await campaigns.start(await campaigns.plan(), { snapshotFolder: null })
    expect(await campaigns.pause(campaign.id)).toMatchObject({ state: 'paused', request: { state: 'done' } })
  })

  it('an abort leaves it paused, the shard to be done again', async () => {
    const firm = await behind({ a: 1, b: 2 })
    const campaigns = firm.group.campaign()
    const stop = new AbortController()
    const onProgress = atCutover(() => stop.abort(new Error('enough')))
    const settings = { snapshotFolder: tempFolder(), onProgress, signal: stop.signal, ...ONE }
    await expect(campaigns.start(await campaigns.plan(), settings)).rejects.toThrow('enough')
    const id = await idOf(firm)
    expect(await campaigns.report(id)).toMatchObject({ campaign: { state: 'paused' }, runner: null })
    expect((await campaigns.resume(id)).counts.done).toBe(2)
    expect(await billsOf(firm, 'a')).toEqual([{ client: 'a', netMinor: 100 }])
  })
})

describe('two runners', () => {
  it('do not run at once; one that was silent is taken over, and records nothing any more', async () => {
    const store = memory()
    let now = 1_000_000
    const clock = () => now
    const firm = await behind({ a: 1, b: 2, c: 3 }, { store })
    const second = await openNext(store)
    const campaigns = firm.group.campaign({ clock })
    const others = second.group.campaign({ clock })
    const tried: Promise<unknown>[] = []
    const takeOver = async (): Promise<unknown> => {
      const id = await idOf(firm)
      await expect(others.resume(id)).rejects.toEqual(code('CAMPAIGN_BUSY'))
      expect((await others.report(id)).runner).toMatchObject({ user: 'ann', campaign: id })
      now += 3_600_000
      return others.resume(id)
    }
    const onProgress = ({ waitingFor }: CampaignProgress): void => {
      if (tried.length === 0 && waitingFor.length > 0) tried.push(takeOver())
    }
    const first = campaigns.start(await campaigns.plan(), { snapshotFolder: null, onProgress, ...ONE })
    const outcome: unknown = await first.catch((error: unknown) => error)
    const report = await tried[0]
    expect(outcome).toEqual(code('CAMPAIGN_TAKEN_OVER'))
    expect(report).toMatchObject({ campaign: { state: 'done' }, counts: { done: 3 } })
    expect(await versionsOf(second)).toEqual({ a: 2, b: 2, c: 2 })
    expect(await billsOf(second, 'c')).toHaveLength(3)
  })

  it.each([
    ['forward', 3_600_000],
    ['back', -3_600_000],
  ])('a runner that died can be taken over when the clock went %s', async (_way, moved) => {
    const store = memory()
    await behind({ a: 1, b: 1 }, { store })
    let isDead = false
    const dying = await openNext(failingStore(store, (call) => isDead && call !== 'get'))
    const campaigns = dying.group.campaign({ clock: () => 5_000_000_000 })
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined) // it cannot say that it stopped either
    const onProgress = ({ waitingFor }: CampaignProgress): void => void (isDead ||= waitingFor.length > 0)
    const died = campaigns.start(await campaigns.plan(), { snapshotFolder: null, onProgress, ...ONE })
    await expect(died).rejects.toThrow('disk')
    warn.mockRestore()
    const next = await openNext(store)
    const id = await idOf(next)
    const soon = next.group.campaign({ clock: () => 5_000_000_001 })
    await expect(soon.resume(id)).rejects.toEqual(code('CAMPAIGN_BUSY'))
    const later = next.group.campaign({ clock: () => 5_000_000_000 + moved })
    expect(await later.resume(id)).toMatchObject({ campaign: { state: 'done' }, counts: { done: 2 } })
  })
})

describe('restoring', () => {
  async function migrated() {
    const firm = await behind({ a: 2, b: 1 })
    const campaigns = firm.group.campaign()
    const { campaign } = await campaigns.start(await campaigns.plan(), { snapshotFolder: tempFolder() })
    return { firm, campaigns, id: campaign.id }
  }

  it('one shard: vault, registry and status go back together, and it can be migrated again', async () => {
    const { firm, campaigns, id } = await migrated()
    const report = await campaigns.restore(id, ['a'])
    expect(report.counts).toMatchObject({ done: 1, restored: 1 })
    expect(await versionsOf(firm)).toEqual({ a: 1, b: 2 })
    expect(await billsOf(firm, 'a')).toEqual([
      { client: 'a', net: 1 },
      { client: 'a', net: 2 },
    ])
    const state = await firm.lobby.openStateManagementVault()
    const status = await state.getMigrationStatus('firm--a')
    expect(status).toMatchObject({ status: 'pending', currentVersion: 1 })
    const vault = await firm.db.openVault('firm--a')
    expect((await vault.audit.verify()).ok).toBe(true)
    expect((await vault.audit.list({ limit: 1 }))[0]).toMatchObject({ command: 'snapshots.restore' })
    const again = await campaigns.start(await campaigns.plan(), { snapshotFolder: null })
    expect(again).toMatchObject({ campaign: { state: 'done' }, migrated: 2 })
    expect(await billsOf(firm, 'a')).toEqual([
      { client: 'a', netMinor: 100 },
      { client: 'a', netMinor: 200 },
    ])
  })

  it('all of them, once', async () => {
    const { firm, campaigns, id } = await migrated()
    expect((await campaigns.restore(id)).counts).toMatchObject({ restored: 2 })
    expect((await campaigns.restore(id)).counts).toMatchObject({ restored: 2 })
    expect(await versionsOf(firm)).toEqual({ a: 1, b: 1 })
  })

  it('says what would be lost, and is refused where that was not asked for', async () => {
    const { firm, campaigns, id } = await migrated()
    const none = { a: 0, b: 0 }
    const lost = async () =>
      Object.fromEntries((await campaigns.planRestore(id)).map((row) => [row.partitionKey, row.changes]))
    expect(await lost()).toEqual(none)
    const bills = (await firm.group.shard('b')).collection<object>('bills')
    await bills.put('new', { client: 'b', netMinor: 5 })
    await bills.put('b-0', { client: 'b', netMinor: 7 })
    expect(await lost()).toEqual({ ...none, b: 2 })
    await expect(campaigns.restore(id)).rejects.toEqual(code('CAMPAIGN_CHANGED_SINCE'))
    expect(await versionsOf(firm)).toEqual({ a: 2, b: 2 })
    expect((await campaigns.restore(id, ['a'])).counts).toMatchObject({ restored: 1 })
    await bills.delete('new')
    await bills.delete('b-0')
    expect(await lost()).toEqual({ b: 1 })
    const report = await campaigns.restore(id, ['b'], { discardChanges: true })
    expect(report.counts).toMatchObject({ restored: 2 })
    expect(await billsOf(firm, 'b')).toEqual([{ client: 'b', net: 1 }])
  })

  it('is refused with a code, and nothing moves, where the snapshot was changed', async () => {
    const { firm, campaigns, id } = await migrated()
    const [shard] = (await campaigns.report(id)).shards
    const file = shard?.snapshot?.file ?? ''
    const bytes = readFileSync(file)
    const middle = Math.floor(bytes.length / 2)
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    writeFileSync(file, bytes)
    const restored = campaigns.restore(id, [shard?.partitionKey ?? ''])
    await expect(restored).rejects.toEqual(code('SNAPSHOT_INVALID'))
    expect(await versionsOf(firm)).toEqual({ a: 2, b: 2 })
    expect((await campaigns.report(id)).counts).toMatchObject({ done: 2 })
  })
})

describe('a snapshot that cannot be written', () => {
  it('fails its shard before anything is migrated', async () => {
    const firm = await behind({ a: 1, b: 1 })
    const campaigns = firm.group.campaign()
    const snapshotFolder = join(tempFolder(), 'gone')
    const onProgress = ({ waitingFor }: CampaignProgress): void => {
      if (waitingFor.some(({ step }) => step === 'snapshot'))
        rmSync(snapshotFolder, { recursive: true, force: true })
    }
    const report = await campaigns.start(await campaigns.plan(), { snapshotFolder, onProgress, ...ONE })
    expect(report.campaign.state).toBe('stopped')
    expect(report.shards[0]).toMatchObject({ state: 'failed', error: { code: 'SNAPSHOT_NOT_WRITTEN' } })
    expect(await versionsOf(firm)).toEqual({ a: 1, b: 1 })
    await expect(campaigns.restore(report.campaign.id, ['a'])).rejects.toEqual(code('SNAPSHOT_MISSING'))
  })

  it('for want of a folder starts nothing', async () => {
    const firm = await behind({ a: 1 })
    const campaigns = firm.group.campaign()
    const snapshotFolder = join(tempFolder(), 'file')
    writeFileSync(snapshotFolder, 'no folder')
    await expect(campaigns.start(await campaigns.plan(), { snapshotFolder })).rejects.toThrow('EEXIST')
    expect(await campaigns.list()).toEqual([])
  })
})
