/** Opens a shard's vault, bringing it to the template's version first where the group does so. */
import type { Vault } from '@noy-db/hub/kernel'
import { LobbyError } from '../../errors.ts'
import type { GroupCore } from '../group-core.ts'
import { migrateShard } from '../migrate/migrate-shard.ts'
import { shardVaultId } from '../names.ts'

/**
 * No check that the shard is registered or provisioned. A vault that should have been migrated and could not be is not
 * handed out. @throws NoAccessError, DataResidencyError, LobbyError SHARD_REMOVED | SHARD_MIGRATION_FAILED
 */
export async function openShard(group: GroupCore, key: string): Promise<Vault> {
  const vaultId = shardVaultId(group.name, key)
  const row = await group.registry.get(vaultId)
  if (row?.status === 'removed')
    throw new LobbyError('SHARD_REMOVED', `The shard ${vaultId} was removed; restore it first.`)
  if (row !== null && group.migrateOnOpen && row.schemaVersion < group.template.version)
    await bringUp(group, key)
  return group.open(row ?? { vaultId })
}

async function bringUp(group: GroupCore, key: string): Promise<void> {
  const status = await migrateShard(group, key)
  if (status.status !== 'failed') return // done; or no access, which opening tells better
  throw new LobbyError(
    'SHARD_MIGRATION_FAILED',
    `${status.vaultId} could not be brought to version ${status.targetVersion}: ${status.error ?? 'no reason given'}`,
  )
}
