/** Fleet migrations of one group: planned, run, watched, stopped, taken up again, put back. */
import { generateULID, type Transaction } from '@noy-db/hub'
import { mkdir } from 'node:fs/promises'
import { LobbyError } from '../errors.ts'
import type { GroupCore } from '../federation/group-core.ts'
import { CampaignStore } from './campaign-store.ts'
import { LeaseRows } from './lease-row.ts'
import { isAlive, Lease, type LeaseOptions } from './lease.ts'
import { assertNothingLost } from './changes-since.ts'
import { assertFresh, planCampaign } from './plan.ts'
import { rehearse, type Rehearsal, type RehearsalOptions } from './rehearse.ts'
import { reportOf } from './report.ts'
import { planShardRestore, restoreShard } from './restore.ts'
import { runCampaign, runOneShard } from './run.ts'
import type {
  CampaignPlan,
  CampaignReport,
  CampaignRequest,
  CampaignRow,
  CampaignSettings,
  CampaignShardRow,
  CampaignWork,
  PlannedRestore,
  PlanOptions,
  RestoreWork,
} from './types.ts'

export interface CampaignOptions {
  /** Milliseconds since the epoch; for tests of time. */
  readonly clock?: () => number
  /** How long a silent runner keeps its place; default 60 000 ms. */
  readonly leaseMs?: number
}

export interface StartOptions extends Partial<CampaignSettings>, CampaignWork {
  /** Where snapshots go; null takes none, which leaves nothing to restore. */
  readonly snapshotFolder: string | null
}

const ENDED: ReadonlySet<string> = new Set(['done', 'cancelled'])

export class Campaigns {
  readonly #group: GroupCore
  readonly #lease: LeaseOptions

  constructor(group: GroupCore, { clock = Date.now, leaseMs = 60_000 }: CampaignOptions = {}) {
    this.#group = group
    this.#lease = { clock, leaseMs }
  }

  /** @throws LobbyError CAMPAIGN_EMPTY */
  plan(options?: PlanOptions): Promise<CampaignPlan> {
    return planCampaign(this.#group, options)
  }

  /** The same code on an encrypted copy of one shard, and what it would change. @throws UnknownShardError, NoAccessError */
  rehearse(partitionKey: string, options: RehearsalOptions): Promise<Rehearsal> {
    return rehearse(this.#group, partitionKey, options)
  }

  /**
   * Records the campaign, then runs it to its end, its gate, or a pause.
   * @throws LobbyError PLAN_STALE, CAMPAIGN_BUSY, CAMPAIGN_OPEN while another one of this group has not ended
   */
  async start(plan: CampaignPlan, options: StartOptions): Promise<CampaignReport> {
    const { vault } = await this.#open()
    await assertFresh(this.#group, plan)
    const { snapshotFolder } = options
    if (snapshotFolder !== null) await mkdir(snapshotFolder, { recursive: true, mode: 0o700 })
    const campaign = this.#newRow(plan, options, vault.userId)
    return this.#leased(campaign.id, async (lease, store) => {
      const open = (await store.campaigns(this.#group.name)).find(({ state }) => !ENDED.has(state))
      if (open !== undefined)
        throw new LobbyError('CAMPAIGN_OPEN', `The campaign ${open.id} has not ended yet.`)
      const fresh = { campaign: campaign.id, state: 'pending', attempts: 0 } as const
      const shards = plan.shards.map((shard, place) => ({ ...shard, ...fresh, place }))
      await lease.record('campaigns.start', (tx) => store.addTo(tx, campaign, shards))
      await runCampaign({ ...this.#context(store, lease), work: options }, campaign.id)
    })
  }

  /** Goes on where it was paused, stopped or left by a runner that died; failed shards stay for `retry`. */
  resume(id: string, work: CampaignWork = {}): Promise<CampaignReport> {
    return this.#leased(id, async (lease, store) => {
      await this.#goOn(lease, store, id)
      await runCampaign({ ...this.#context(store, lease), work }, id)
    })
  }

  /** One shard again that failed, or that waited for access. The campaign goes on with the others on `resume`. */
  retry(id: string, partitionKey: string, work: CampaignWork = {}): Promise<CampaignReport> {
    return this.#leased(id, async (lease, store) => {
      const shard = await this.#shard(store, id, partitionKey)
      if (shard.state !== 'failed' && shard.state !== 'waiting for access')
        throw new LobbyError(
          'CAMPAIGN_SHARD_STATE',
          `${partitionKey} is ${shard.state}; nothing is to be retried.`,
        )
      await this.#assertOpen(store, id)
      await lease.record('campaigns.retry', (tx) => store.putShard(tx, { ...shard, state: 'pending' }))
      await this.#goOn(lease, store, id)
      await runOneShard({ ...this.#context(store, lease), work }, id, partitionKey)
    })
  }

  /** Finishes the shards under way and stops. At once where nobody runs it. */
  pause(id: string): Promise<CampaignRow> {
    return this.#request(id, 'pause')
  }

  /** As `pause`, for good. What is migrated stays migrated; see `restore`. */
  cancel(id: string): Promise<CampaignRow> {
    return this.#request(id, 'cancel')
  }

  /** What `restore` with the same shards would lose. @throws LobbyError SNAPSHOT_MISSING, SNAPSHOT_INVALID */
  async planRestore(id: string, partitionKeys?: readonly string[]): Promise<PlannedRestore[]> {
    return this.#plannedRestores(await this.#restorable(await this.#open(), id, partitionKeys))
  }

  /**
   * These shards, or all that have a snapshot, as they were before.
   * @throws LobbyError CAMPAIGN_CHANGED_SINCE where work of people would be lost and that was not asked for
   */
  restore(id: string, partitionKeys?: readonly string[], work: RestoreWork = {}): Promise<CampaignReport> {
    return this.#leased(id, async (lease, store) => {
      const shards = await this.#restorable(store, id, partitionKeys)
      // All of them before the first: half a fleet put back is worse than none.
      if (work.discardChanges !== true) assertNothingLost(await this.#plannedRestores(shards))
      for (const shard of shards) await restoreShard({ ...this.#context(store, lease), work }, shard)
    })
  }

  /** @throws LobbyError CAMPAIGN_NOT_FOUND */
  async report(id: string): Promise<CampaignReport> {
    const store = await this.#open()
    const stored = await LeaseRows.read(store.vault, this.#group.name)
    const runner = stored?.row.campaign === id && isAlive(stored.row, this.#lease) ? stored.row : null
    return reportOf(await store.campaign(id), await store.shards(id), runner)
  }

  /** Newest first. */
  async list(): Promise<CampaignRow[]> {
    return (await this.#open()).campaigns(this.#group.name)
  }

  #open(): Promise<CampaignStore> {
    return CampaignStore.open(this.#group.db)
  }

  #context(store: CampaignStore, lease: Lease) {
    return { group: this.#group, store, lease, clock: this.#lease.clock }
  }

  async #leased(
    id: string,
    work: (lease: Lease, store: CampaignStore) => Promise<void>,
  ): Promise<CampaignReport> {
    const store = await this.#open()
    const lease = await Lease.claim(store, this.#group.name, id, this.#lease)
    try {
      await work(lease, store)
    } finally {
      await lease.release()
    }
    return this.report(id)
  }

  /** Whoever asks has seen the failures so far, and how the canaries did. */
  async #goOn(lease: Lease, store: CampaignStore, id: string): Promise<void> {
    await this.#assertOpen(store, id)
    const forgiven = (await store.shards(id)).filter(({ state }) => state === 'failed').length
    const change = ({ reason: _reason, request: _request, ...row }: CampaignRow): CampaignRow => {
      const canaryPassed = row.canaryPassed || row.state === 'stopped'
      return { ...row, state: 'running', forgiven, canaryPassed }
    }
    await store.change(id, change, (stage) => lease.record('campaigns.resume', stage))
  }

  async #assertOpen(store: CampaignStore, id: string): Promise<void> {
    const { group, state, target } = await store.campaign(id)
    if (group !== this.#group.name)
      throw new LobbyError('CAMPAIGN_NOT_FOUND', `${id} is a campaign of ${group}.`)
    if (ENDED.has(state)) throw new LobbyError('CAMPAIGN_ENDED', `The campaign ${id} is ${state}.`)
    if (target !== this.#group.template.version)
      throw new LobbyError('PLAN_STALE', `It leads to version ${target}; the template is at another.`)
  }

  async #shard(store: CampaignStore, id: string, partitionKey: string) {
    const shard = (await store.shards(id)).find((row) => row.partitionKey === partitionKey)
    if (shard === undefined)
      throw new LobbyError('CAMPAIGN_SHARD_UNKNOWN', `${partitionKey} is no shard of the campaign ${id}.`)
    return shard
  }

  async #restorable(store: CampaignStore, id: string, partitionKeys?: readonly string[]) {
    const shards = await store.shards(id)
    if (partitionKeys === undefined)
      return shards.filter(({ snapshot, state }) => snapshot !== undefined && state !== 'restored')
    for (const key of partitionKeys) await this.#shard(store, id, key)
    const wanted = new Set(partitionKeys)
    return shards.filter(({ partitionKey }) => wanted.has(partitionKey))
  }

  async #plannedRestores(shards: readonly CampaignShardRow[]): Promise<PlannedRestore[]> {
    const planned: PlannedRestore[] = []
    for (const shard of shards) planned.push(await planShardRestore(this.#group, shard))
    return planned
  }

  async #request(id: string, kind: CampaignRequest['kind']): Promise<CampaignRow> {
    const store = await this.#open()
    const { runner } = await this.report(id)
    const state = runner === null ? 'done' : 'accepted'
    const request: CampaignRequest = { kind, state, at: this.#lease.clock(), by: store.vault.userId }
    const command = `campaigns.${kind}`
    const record = (stage: (tx: Transaction) => void) => this.#group.db.transaction(stage, { command })
    return store.change(id, (row) => requested(row, request), record)
  }

  #newRow(plan: CampaignPlan, options: StartOptions, startedBy: string): CampaignRow {
    const { maxFailures = 0, concurrency = 2, snapshotFolder, keepSnapshots = true } = options
    return {
      id: generateULID(),
      group: plan.group,
      template: plan.template,
      target: plan.target,
      state: 'running',
      startedAt: this.#lease.clock(),
      startedBy,
      settings: { maxFailures, concurrency, snapshotFolder, keepSnapshots },
      forgiven: 0,
      canaryPassed: false,
    }
  }
}

/** Null where it says nothing new. */
function requested(row: CampaignRow, request: CampaignRequest): CampaignRow | null {
  if (ENDED.has(row.state)) return null
  if (request.state === 'accepted') return { ...row, request }
  const state = request.kind === 'pause' ? 'paused' : 'cancelled'
  return { ...row, state, request, ...(state === 'cancelled' && { finishedAt: request.at }) }
}
