/** What is planned, recorded and told of a campaign. Times are milliseconds since the epoch unless said otherwise. */
import type { SnapshotTotals } from '../snapshot/format.ts'

export interface PlannedShard {
  readonly vaultId: string
  readonly partitionKey: string
  readonly from: number
  readonly to: number
  /** Records in its collections, counted without a key; null where the store cannot count. */
  readonly records: number | null
  readonly cohort: 'canary' | 'rest'
}

/** Canaries first, then registry order. Shards that are at the target or archived are no part of it. */
export interface CampaignPlan {
  readonly group: string
  readonly template: string
  readonly target: number
  readonly shards: readonly PlannedShard[]
  readonly records: number
}

export interface PlanOptions {
  /** Only these partition keys. */
  readonly only?: readonly string[]
  /** Partition keys that go first, or how many. Default 1: the smallest shard that has records. */
  readonly canary?: readonly string[] | number
}

export interface CampaignSettings {
  /** Failures that do not stop the campaign. 0 (default) = it stops at the first. */
  readonly maxFailures: number
  /** Shards at once; default 2. */
  readonly concurrency: number
  /** Where snapshots are written; null = none is taken, and nothing can be restored. */
  readonly snapshotFolder: string | null
  /** False removes them once every shard is done. Default true. */
  readonly keepSnapshots: boolean
}

/**
 * `running` with a dead lease is waiting for `resume`. `stopped` = by the gate; `waiting for access` = everything is done but
 * shards that this user cannot open.
 */
export type CampaignState = 'running' | 'paused' | 'stopped' | 'waiting for access' | 'cancelled' | 'done'

/** `accepted` = recorded; `waiting` = the runner has seen it and finishes what is under way; `done` = in effect. */
export interface CampaignRequest {
  readonly kind: 'pause' | 'cancel'
  readonly state: 'accepted' | 'waiting' | 'done'
  readonly at: number
  readonly by: string
}

export interface CampaignRow {
  readonly id: string
  readonly group: string
  readonly template: string
  readonly target: number
  readonly state: CampaignState
  /** Why it stopped, for people. */
  readonly reason?: string
  readonly startedAt: number
  readonly startedBy: string
  readonly finishedAt?: number
  readonly settings: CampaignSettings
  /** Failures that somebody has seen and resumed past. */
  readonly forgiven: number
  /** Also where somebody has resumed past it. */
  readonly canaryPassed: boolean
  readonly request?: CampaignRequest
}

export type ShardState =
  'pending' | 'snapshot' | 'migrating' | 'done' | 'failed' | 'waiting for access' | 'restored'

export interface ShardSnapshot extends SnapshotTotals {
  readonly file: string
  readonly id: string
  /** ISO-8601. */
  readonly verifiedAt: string
  /** Schema generation of the vault when it was taken. */
  readonly generation: number
}

export interface CampaignShardRow extends PlannedShard {
  readonly campaign: string
  /** Place in the plan. */
  readonly place: number
  readonly state: ShardState
  readonly attempts: number
  readonly startedAt?: number
  readonly finishedAt?: number
  /** Records the cutover rewrote. */
  readonly migrated?: number
  readonly error?: { readonly code: string; readonly message: string }
  readonly snapshot?: ShardSnapshot
}

/** Who runs a campaign of the group, and when it last said so. */
export interface LeaseRow {
  readonly owner: string
  readonly user: string
  readonly campaign: string
  readonly heartbeatAt: number
  /** It has ended as it should. */
  readonly released?: true
}

export interface RestoreWork {
  readonly signal?: AbortSignal
  /** Restores shards also where records were changed since their snapshot; that work is lost. Default false. */
  readonly discardChanges?: boolean
}

/** What a restore of one shard would put back, and lose. */
export interface PlannedRestore {
  readonly vaultId: string
  readonly partitionKey: string
  /** Writes since the snapshot that are not the migration's. */
  readonly changes: number
}

export interface CampaignReport {
  readonly campaign: CampaignRow
  /** In the order of the plan. */
  readonly shards: readonly CampaignShardRow[]
  readonly counts: Readonly<Record<ShardState, number>>
  /** Records rewritten. */
  readonly migrated: number
  /** Who runs it now; null = nobody does. */
  readonly runner: LeaseRow | null
}

/** `fence` = another session, or one that died, answers for the vault a few seconds more. */
export type ShardStep = 'snapshot' | 'proof' | 'cutover' | 'fence'

export interface CampaignProgress {
  readonly campaign: string
  /** In terms of the plan's estimates. */
  readonly records: number
  readonly total: number
  /** Records a second over the last half minute; null while nothing can be said. */
  readonly rate: number | null
  readonly etaMs: number | null
  readonly shards: {
    readonly done: number
    readonly failed: number
    readonly waiting: number
    readonly total: number
  }
  /** What is under way, and so what a pause would wait for. */
  readonly waitingFor: readonly { readonly vaultId: string; readonly step: ShardStep }[]
}

export interface CampaignWork {
  /** Ends it as a pause does, without waiting for what is under way. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: CampaignProgress) => void
}
