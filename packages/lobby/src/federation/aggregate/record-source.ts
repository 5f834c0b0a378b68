/** What aggregates read; the published interface. A `ShardedQuery` is one. */
import type { ChangeEvent } from '@noy-db/hub/kernel'
import type { FanoutQueryOptions, SkippedVault } from '../types.ts'

export interface FanoutRecordSource<R> {
  fanoutRecords(options: FanoutQueryOptions): Promise<{ records: R[]; skippedVaults: SkippedVault[] }>
}

/** Which changes concern a query. */
export interface LiveBinding {
  subscribeToChanges: (handler: (e: ChangeEvent) => void) => () => void
  isRelevant: (e: ChangeEvent) => boolean
  /** Ours: shards that were archived, restored or removed; told their vault ids. */
  subscribeToShards?: (handler: (vaultId: string) => void) => () => void
}
