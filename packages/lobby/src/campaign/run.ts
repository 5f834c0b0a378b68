/** A campaign on its way: the canary cohort, the gate, then the rest, a few shards at a time, until it is done or told to stop. */
import { isolateAsync } from '@noy-db/hub/kernel'
import type { GroupCore } from '../federation/group-core.ts'
import type { CampaignStore } from './campaign-store.ts'
import type { Lease } from './lease.ts'
import { Progress } from './progress.ts'
import { removeSnapshots, runShard, type ShardContext } from './run-shard.ts'
import type { CampaignRow, CampaignShardRow, CampaignState, CampaignWork } from './types.ts'

export interface RunContext {
  readonly group: GroupCore
  readonly store: CampaignStore
  readonly lease: Lease
  readonly clock: () => number
  readonly work: CampaignWork
}

/** Shards that still have something to do; a failed one waits for `retry`. */
const OPEN: ReadonlySet<string> = new Set(['pending', 'snapshot', 'migrating', 'waiting for access'])

/** @throws LobbyError CAMPAIGN_TAKEN_OVER, the reason of an aborted signal, with the campaign paused */
export async function runCampaign(context: RunContext, id: string): Promise<void> {
  const shards = await context.store.shards(id)
  const campaign = await context.store.campaign(id)
  await new Run(context, campaign, shards).run()
}

/** Whatever its state, and no other. The campaign is left paused where others have something to do. */
export async function runOneShard(context: RunContext, id: string, partitionKey: string): Promise<void> {
  const shards = await context.store.shards(id)
  const campaign = await context.store.campaign(id)
  await new Run(context, campaign, shards).runOne(partitionKey)
}

interface Halt {
  readonly state: CampaignState
  readonly reason?: string
}

class Run {
  readonly #context: RunContext
  readonly #campaign: CampaignRow
  readonly #shards: Map<string, CampaignShardRow>
  readonly #shard: ShardContext
  #halt: Halt | null = null

  constructor(context: RunContext, campaign: CampaignRow, shards: readonly CampaignShardRow[]) {
    const { group, store, lease, clock, work } = context
    this.#context = context
    this.#campaign = campaign
    this.#shards = new Map(shards.map((shard) => [shard.vaultId, shard]))
    const progress = new Progress(campaign.id, shards, work.onProgress)
    const signals = [lease.lost.signal, ...(work.signal === undefined ? [] : [work.signal])]
    const { settings } = campaign
    this.#shard = { group, store, lease, settings, progress, clock, signal: AbortSignal.any(signals) }
  }

  run(): Promise<void> {
    return this.#toItsEnd(async () => {
      for (const cohort of ['canary', 'rest'] as const) {
        await this.#runShards((shard) => shard.cohort === cohort && OPEN.has(shard.state))
        if (cohort === 'canary') this.#halt ??= this.#canaryGate()
        if (this.#halt !== null) return
        if (cohort === 'canary') await this.#change((row) => ({ ...row, canaryPassed: true }))
      }
    })
  }

  runOne(partitionKey: string): Promise<void> {
    return this.#toItsEnd(() => this.#runShards((shard) => shard.partitionKey === partitionKey))
  }

  async #toItsEnd(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const reason = 'It was interrupted.'
      if (!this.#context.lease.lost.signal.aborted)
        await isolateAsync('Recording a pause', () => this.#end({ state: 'paused', reason }))
      throw error
    }
    await this.#end(this.#halt ?? this.#finished())
  }

  async #runShards(isMeant: (shard: CampaignShardRow) => boolean): Promise<void> {
    const open = [...this.#shards.values()].filter(isMeant)
    const next = open.values()
    const worker = async (): Promise<void> => {
      for (const shard of next) {
        await this.#look()
        if (this.#halt !== null) return
        this.#shards.set(shard.vaultId, await runShard(this.#shard, shard))
        this.#halt ??= this.#gate()
      }
    }
    const workers = Math.max(1, Math.min(open.length, this.#campaign.settings.concurrency))
    // What is under way ends before anything is said of the whole.
    const ends = await Promise.allSettled(Array.from({ length: workers }, worker))
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed !== undefined) throw asError(failed.reason)
  }

  /** Whether somebody asked to pause or cancel; from then on it only finishes what is under way. */
  async #look(): Promise<void> {
    this.#shard.signal.throwIfAborted()
    if (this.#halt !== null) return
    const { request } = await this.#context.store.campaign(this.#campaign.id)
    if (request === undefined || request.state === 'done') return
    this.#halt = { state: request.kind === 'pause' ? 'paused' : 'cancelled' }
    await this.#change((row) => ({ ...row, request: { ...request, state: 'waiting' } }))
  }

  #gate(): Halt | null {
    const failed = [...this.#shards.values()].filter(({ state }) => state === 'failed').length
    const { maxFailures } = this.#campaign.settings
    if (failed - this.#campaign.forgiven <= maxFailures) return null
    return { state: 'stopped', reason: `${failed} shards failed; at most ${maxFailures} may.` }
  }

  /** A canary that nobody could open has proved nothing. */
  #canaryGate(): Halt | null {
    if (this.#campaign.canaryPassed) return null
    const canaries = [...this.#shards.values()].filter(({ cohort }) => cohort === 'canary')
    if (canaries.length === 0 || canaries.some(({ state }) => state === 'done')) return null
    return { state: 'stopped', reason: 'No shard of the canary cohort was migrated.' }
  }

  #finished(): Halt {
    const states = [...this.#shards.values()].map(({ state }) => state)
    const failed = states.filter((state) => state === 'failed').length
    if (states.some((state) => state !== 'waiting for access' && OPEN.has(state))) return { state: 'paused' }
    if (failed > 0) return { state: 'stopped', reason: `${failed} shards failed; retry them, or cancel.` }
    return { state: states.includes('waiting for access') ? 'waiting for access' : 'done' }
  }

  async #end({ state, reason }: Halt): Promise<void> {
    const { clock } = this.#context
    const ended = await this.#change(({ reason: _earlier, request, ...row }) => ({
      ...row,
      state,
      ...(reason !== undefined && { reason }),
      ...(request !== undefined && { request: { ...request, state: 'done' } }),
      ...((state === 'done' || state === 'cancelled') && { finishedAt: clock() }),
    }))
    if (ended.state === 'done' && !ended.settings.keepSnapshots) await this.#dropSnapshots()
  }

  /** Recorded first: a file that is left over does no harm, a row without its file does. */
  async #dropSnapshots(): Promise<void> {
    const { store, lease } = this.#context
    const shards = [...this.#shards.values()]
    await lease.record('campaigns.snapshots', (tx) => {
      for (const { snapshot: _gone, ...shard } of shards) store.putShard(tx, shard)
    })
    await removeSnapshots(shards)
  }

  #change(change: (row: CampaignRow) => CampaignRow): Promise<CampaignRow> {
    const { store, lease } = this.#context
    return store.change(this.#campaign.id, change, (work) => lease.record('campaigns.state', work))
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
