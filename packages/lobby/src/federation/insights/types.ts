/** Summaries of shards in a vault of their own (lobby 0.2.0-pre.28). What the declarations do not have is optional and marked "ours". */
import type { FleetWork, SkippedVault } from '../types.ts'

export interface CrossVaultDerivationContext {
  readonly vaultId: string
  readonly partitionKey: string
  readonly schemaVersion: number
}

export interface InsightTarget {
  readonly vault: string
  readonly collection: string
}

export interface CrossVaultDerivationSpec<R = Record<string, unknown>, S = Record<string, unknown>> {
  /** Collection of each shard. */
  readonly source: string
  readonly target: InsightTarget
  /** The records are frozen; the result is the row under the partition key. */
  readonly derive: (records: R[], ctx: CrossVaultDerivationContext) => S
  /** Derive again after every write to the source. */
  readonly autoPush?: boolean
  /** Ours: waiting time after the first failure of an automatic push, doubled each time up to the most. Default 1 s, 5 min. */
  readonly retry?: { readonly firstMs: number; readonly mostMs: number }
}

export interface RefreshInsightsOptions extends FleetWork {
  readonly minVersion?: number
  readonly concurrency?: number
}

export interface RefreshInsightsResult {
  /** Rows that are now up to date, written or found so. */
  readonly written: number
  /** Once for each shard, however many derivations. */
  readonly skippedVaults: SkippedVault[]
  /** Ours: partition keys whose earlier summary stays, marked stale. */
  readonly stale?: string[]
  /** Ours: partition keys whose shard was archived or removed since; their summary stays, marked departed. */
  readonly departed?: string[]
}

/** Ours: whether a summary still says what its shard does. */
export interface InsightFreshness {
  readonly state: 'fresh' | 'stale' | 'departed'
  /** Milliseconds since the epoch: when it was last derived, and when the state was set. */
  readonly derivedAt: number
  readonly since: number
  /** Why it is stale. */
  readonly reason?: string
}

export interface InsightRow<S> {
  readonly partitionKey: string
  readonly summary: S
  /** Null for a row nobody of ours derived. */
  readonly freshness: InsightFreshness | null
}
