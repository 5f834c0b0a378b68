/** Types of the federation declarations (lobby 0.2.0-pre.28). What they do not have is optional and marked "ours". */
import type {
  AggregateResult,
  AggregateSpec,
  Collection,
  LiveAggregation,
  LiveQuery,
  Operator,
  Vault,
} from '@noy-db/hub/kernel'

/** `configure` runs on every handle of a shard, and on a recording stub: idempotent, synchronous. */
export interface VaultTemplate {
  readonly version: number
  readonly configure: (vault: Vault) => void
}

/** One shard. Times are milliseconds since the epoch. */
export interface VaultRegistryRow {
  readonly vaultId: string
  readonly partitionKey: string
  readonly templateName: string
  readonly schemaVersion: number
  readonly createdAt: number
  readonly group: string
  /** Ours: absent = active. A removed shard is a tombstone: its key is not given out again. */
  readonly status?: 'active' | 'archived' | 'removed'
  /** Ours: when `status` was last changed. */
  readonly statusAt?: number
  /** Ours: the region its records must stay in, checked whenever it is opened. */
  readonly region?: string
}

export interface ShardingConfig<T> {
  /** The partition key of a record: letters, digits, `.`, `_` and `-`, no `--`. Stands in clear in the registry. */
  readonly keyOf: (record: T) => string
  /** The name it was given in `withVaultTemplate`. */
  readonly vaultTemplate: string
  /** Only a literal `false` disables. */
  readonly autoCreate?: boolean
  /** The region a record must stay in; compared with `capabilities.region` of the backend. */
  readonly regionOf?: (record: T) => string
  /** Ours: the same told from the key alone, for shards that are created without a record. */
  readonly regionOfKey?: (partitionKey: string) => string
  /** Ours: record ids are unique over all shards, so a record put with another key moves instead of being copied. */
  readonly uniqueIds?: boolean
}

export interface VaultGroupOptions<T> {
  /** Absent = the registry of the state vault ("managed"). */
  readonly registry?: Collection<VaultRegistryRow>
  readonly sharding: ShardingConfig<T>
  /** Bring a shard to the template's version before it is handed out; default false. Queries never migrate. */
  readonly migrateOnOpen?: boolean
}

/** Ours: how long work over many shards is watched, stopped and bounded. */
export interface FleetWork {
  readonly signal?: AbortSignal
  /** Shards done, of how many. */
  readonly onProgress?: (done: number, total: number) => void
  /** Milliseconds; a shard that has not answered by then is skipped with `SHARD_TIMEOUT`. */
  readonly shardTimeoutMs?: number
}

export interface FanoutQueryOptions extends FleetWork {
  /** Shards whose `schemaVersion` is below are skipped as `schema-drift`. */
  readonly minVersion?: number
  /** Shards read at once; default 8. */
  readonly concurrency?: number
  /** Ours: archived shards take part. */
  readonly includeArchived?: boolean
}

/** A shard that a result leaves out. `no-grant`: this user has no access; `schema-drift`: below `minVersion`; `error`: a fault. */
export interface SkippedVault {
  readonly vaultId: string
  readonly reason: 'schema-drift' | 'error' | 'no-grant'
  readonly error?: Error
}

export interface FanoutResult<R> {
  readonly results: R[]
  readonly skippedVaults: SkippedVault[]
  /** Ours: of a limited query with more rows behind it; pass it to `after`. */
  readonly nextCursor?: string
}

export interface WhereClause {
  readonly field: string
  readonly op: Operator
  readonly value: unknown
}

export interface LiveQueryOptions extends FanoutQueryOptions {
  /** Milliseconds of a fixed window from the first change; absent or 0 = one microtask. */
  readonly debounceMs?: number
}

export type GroupedRow<F extends string, Spec extends AggregateSpec> = {
  readonly [K in F]: unknown
} & AggregateResult<Spec>

export interface CrossVaultLiveQuery<T> extends LiveQuery<T> {
  readonly skippedVaults: readonly SkippedVault[]
  readonly ready: Promise<void>
}

export interface CrossVaultLiveAggregation<R> extends LiveAggregation<R> {
  readonly skippedVaults: readonly SkippedVault[]
  readonly ready: Promise<void>
}

/** Ours: where a row of a fan-out came from; `id` is the storage id. */
export interface ShardRef {
  readonly vaultId: string
  readonly partitionKey: string
  readonly id: string
}

export interface FleetMigrationResult {
  readonly target: number
  readonly migrated: string[]
  readonly failed: { readonly vaultId: string; readonly error: string }[]
  /** Ours: shards this user may not migrate, or that another session is migrating; a later run finds them as they are then. */
  readonly waiting?: string[]
}
