/** Every row, shard after shard in registry order. */
import { pace } from '../../pace.ts'
import type { FanoutQueryOptions, SkippedVault } from '../types.ts'
import type { Fold, ShardSource } from './shard-source.ts'
import type { Rows } from './shard-read.ts'

/** The chunks as they came: rows are not copied until they are handed out. */
export const chunksFold: Fold<Rows[]> = {
  make: () => [],
  add: (chunks, rows) => void chunks.push(rows),
}

export async function collectRows(
  source: ShardSource,
  options: FanoutQueryOptions,
): Promise<{ records: unknown[]; skippedVaults: SkippedVault[] }> {
  const { parts, skippedVaults } = await source.run(chunksFold, options)
  const records: unknown[] = []
  const slices = pace(undefined)
  for (const { part } of parts) {
    for (const rows of part) for (const { record } of rows) records.push(record)
    await slices.step()
  }
  return { records, skippedVaults }
}
