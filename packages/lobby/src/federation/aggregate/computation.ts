/**
 * An aggregate, run once or followed. Where every reducer merges and the source reads shard by shard, each shard is folded to
 * one state; else one pass over all rows. Sums of fractions may differ in their last digit between the two, sums of whole numbers do not.
 */
import { recordsOf, rowsFold, type ShardRows } from '../fanout/collect-rows.ts'
import { reduceShards, type Reduced, type Reduction } from '../fanout/reduction.ts'
import { sourceOf } from '../fanout/shard-source.ts'
import type { Follower } from '../live/follower.ts'
import { ShardFollower } from '../live/shard-follower.ts'
import { WholeFollower } from '../live/whole-follower.ts'
import type { FanoutQueryOptions } from '../types.ts'
import type { FanoutRecordSource } from './record-source.ts'

export interface Computation<V> {
  once(options: FanoutQueryOptions): Promise<Reduced<V>>
  follow(options: FanoutQueryOptions): Follower<V>
}

export type ReduceAll<V> = (records: readonly unknown[]) => V

/** `partial` is null where some reducer cannot merge. */
export function computationOf<P, V>(
  source: FanoutRecordSource<unknown>,
  partial: Reduction<P, V> | null,
  reduceAll: ReduceAll<V>,
): Computation<V> {
  const shards = sourceOf(source)
  if (shards === null) return wholeComputation(source, reduceAll)
  const computation = <Q>(reduction: Reduction<Q, V>): Computation<V> => ({
    once: (options) => reduceShards(shards, reduction, options),
    follow: (options) => new ShardFollower(shards, reduction, options),
  })
  return partial === null ? computation(central(reduceAll)) : computation(partial)
}

function wholeComputation<V>(source: FanoutRecordSource<unknown>, reduceAll: ReduceAll<V>): Computation<V> {
  const once = async (options: FanoutQueryOptions): Promise<Reduced<V>> => {
    const { records, skippedVaults } = await source.fanoutRecords(options)
    return { value: reduceAll(records), skippedVaults }
  }
  return { once, follow: (options) => new WholeFollower(() => once(options)) }
}

function central<V>(reduceAll: ReduceAll<V>): Reduction<ShardRows, V> {
  return { fold: rowsFold, finish: (parts) => reduceAll(recordsOf(parts)) }
}
