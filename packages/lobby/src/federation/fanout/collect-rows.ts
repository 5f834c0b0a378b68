/** Every row, shard after shard in registry order. */
import type { FanoutQueryOptions, SkippedVault } from '../types.ts'
import type { Fold, ShardSource } from './shard-source.ts'

/** Two lists of the same length: records are handed out as a list, and joining such lists copies memory only. */
export interface ShardRows {
  readonly ids: string[]
  readonly records: unknown[]
}

export const rowsFold: Fold<ShardRows> = {
  make: () => ({ ids: [], records: [] }),
  add({ ids, records }, rows) {
    for (const { id, record } of rows) {
      ids.push(id)
      records.push(record)
    }
  },
}

export function recordsOf(parts: readonly ShardRows[]): unknown[] {
  return ([] as unknown[]).concat(...parts.map(({ records }) => records))
}

export async function collectRows(
  source: ShardSource,
  options: FanoutQueryOptions,
): Promise<{ records: unknown[]; skippedVaults: SkippedVault[] }> {
  const { parts, skippedVaults } = await source.run(rowsFold, options)
  return { records: recordsOf(parts.map(({ part }) => part)), skippedVaults }
}
