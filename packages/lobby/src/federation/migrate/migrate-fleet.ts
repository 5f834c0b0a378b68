/** Every shard that is behind, a few at a time. One bad shard is an entry of the report, never the end of it. */
import { fanOut } from '../fanout/fan-out.ts'
import type { GroupCore } from '../group-core.ts'
import type { MigrationStatusRow } from '../registry/types.ts'
import type { FleetMigrationResult, FleetWork, VaultRegistryRow } from '../types.ts'
import { migrateShard } from './migrate-shard.ts'

export interface MigrateFleetOptions extends Omit<FleetWork, 'shardTimeoutMs'> {
  /** Only these partition keys; unknown ones are ignored. */
  readonly cohort?: readonly string[]
  /** Shards migrated at once; default 4. */
  readonly batchSize?: number
}

export async function migrateFleet(
  group: GroupCore,
  { cohort, batchSize = 4, ...work }: MigrateFleetOptions,
): Promise<FleetMigrationResult> {
  const target = group.template.version
  const only = cohort === undefined ? null : new Set(cohort)
  const behind = (await group.registry.rows()).filter(
    (row) => row.status !== 'removed' && row.schemaVersion < target && (only?.has(row.partitionKey) ?? true),
  )
  const result = {
    target,
    migrated: [] as string[],
    failed: [] as FleetMigrationResult['failed'],
    waiting: [] as string[],
  }
  const answers = await fanOut(behind, (row) => migrateShard(group, row.partitionKey), {
    ...work,
    concurrency: batchSize,
  })
  for (const { row, answer, error } of answers) sort(result, row, answer, error)
  return result
}

function sort(
  result: Required<FleetMigrationResult>,
  { vaultId }: VaultRegistryRow,
  status: MigrationStatusRow | undefined,
  error: Error | undefined,
): void {
  if (status?.status === 'done') result.migrated.push(vaultId)
  else if (status?.status === 'pending') result.waiting.push(vaultId)
  else result.failed.push({ vaultId, error: status?.error ?? error?.message ?? 'unknown' })
}
