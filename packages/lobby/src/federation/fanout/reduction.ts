/** How rows become a result: a part for each shard, and a result of all parts. */
import type { FanoutQueryOptions, SkippedVault } from '../types.ts'
import type { Fold, ShardSource } from './shard-source.ts'

export interface Reduction<P, V> {
  readonly fold: Fold<P>
  finish(parts: readonly P[]): V
  /** Where comparing parts is cheaper than comparing results. */
  readonly samePart?: (left: P, right: P) => boolean
}

export interface Reduced<V> {
  readonly value: V
  readonly skippedVaults: SkippedVault[]
}

export async function reduceShards<P, V>(
  source: ShardSource,
  { fold, finish }: Pick<Reduction<P, V>, 'fold' | 'finish'>,
  options: FanoutQueryOptions,
): Promise<Reduced<V>> {
  const { parts, skippedVaults } = await source.run(fold, options)
  return { value: finish(parts.map(({ part }) => part)), skippedVaults }
}
