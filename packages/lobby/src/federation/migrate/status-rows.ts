/** Status rows of one migration: each says all that is known, since the stored one is replaced. */
import type { GroupCore } from '../group-core.ts'
import type { MigrationStatusRow } from '../registry/types.ts'
import type { VaultRegistryRow } from '../types.ts'

export function baseRow(group: GroupCore, row: VaultRegistryRow) {
  return {
    vaultId: row.vaultId,
    group: group.name,
    currentVersion: row.schemaVersion,
    targetVersion: group.template.version,
  }
}

/** What earlier attempts towards this target leave to the next one. */
export function earlierAttempts(
  before: MigrationStatusRow | null,
  targetVersion: number,
): Pick<MigrationStatusRow, 'startedAt' | 'attempts' | 'migrated' | 'fromGeneration'> {
  if (before?.targetVersion !== targetVersion) return {}
  const { startedAt, attempts, migrated, fromGeneration } = before
  return {
    ...(startedAt !== undefined && { startedAt }),
    ...(attempts !== undefined && { attempts }),
    ...(migrated !== undefined && { migrated }),
    ...(fromGeneration !== undefined && { fromGeneration }),
  }
}

export function isDone(row: MigrationStatusRow | null, targetVersion: number): row is MigrationStatusRow {
  return row?.status === 'done' && row.targetVersion === targetVersion
}
