/** What a sharded query asks for, as data. */
import type { JoinStrategy } from '@noy-db/hub/kernel'
import type { WhereClause } from '../types.ts'

export interface CrossShardJoinOptions {
  readonly as: string
  /** Rows per side and shard; default 50 000. */
  readonly maxRows?: number
  readonly strategy?: JoinStrategy
}

/** An opened collection is one. */
export interface BroadcastSource {
  list(): Promise<readonly unknown[]>
}

export interface BroadcastJoinOptions {
  readonly as: string
  readonly from: BroadcastSource
  /** Key of the dimension record; default `id`. */
  readonly on?: string
  /** Both attach null on a miss; `warn`, the default, says so once per key. */
  readonly mode?: 'warn' | 'cascade'
}

export interface CoPartitionedLeg {
  readonly field: string
  readonly as: string
  readonly maxRows: number | undefined
  readonly strategy: JoinStrategy | undefined
}

export interface BroadcastLeg {
  readonly field: string
  readonly as: string
  readonly from: BroadcastSource
  readonly on: string
  readonly mode: 'warn' | 'cascade'
}

export interface Order {
  readonly field: string
  readonly direction: 'asc' | 'desc'
}

/** What the declarations do not have: a window on the rows, and their origin beside them. */
export interface QueryView {
  /** Member that tells where a row came from; null = none. */
  readonly shardAs: string | null
  readonly order: readonly Order[]
  readonly offset: number
  /** Infinity = all. */
  readonly limit: number
  readonly after: string | null
}

export const WHOLE: QueryView = { shardAs: null, order: [], offset: 0, limit: Infinity, after: null }

export interface ShardedPlan extends QueryView {
  readonly collection: string
  readonly clauses: readonly WhereClause[]
  readonly legs: readonly CoPartitionedLeg[]
  readonly broadcast: readonly BroadcastLeg[]
}

/** Rows come in one global order rather than shard by shard. */
export function isWindowed({ order, offset, limit, after }: ShardedPlan): boolean {
  return order.length > 0 || offset > 0 || limit !== Infinity || after !== null
}
