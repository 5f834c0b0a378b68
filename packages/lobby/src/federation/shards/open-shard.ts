/** Opens a shard's vault, bringing it to the template's version first where the group does so. */
import type { Vault } from '@noy-db/hub/kernel'
import { LobbyError } from '../../errors.ts'
import type { GroupCore } from '../group-core.ts'
import { migrateShard } from '../migrate/migrate-shard.ts'
import { shardVaultId } from '../names.ts'
import type { VaultRegistryRow } from '../types.ts'

/**
 * No check that the shard is registered or provisioned. A vault that should have been migrated and could not be is not
 * handed out. @throws NoAccessError, DataResidencyError, LobbyError SHARD_REMOVED | SHARD_MIGRATION_FAILED |
 * SHARD_MIGRATION_WAITING
 */
export async function openShard(group: GroupCore, key: string): Promise<Vault> {
  const vaultId = shardVaultId(group.name, key)
  const row = await group.registry.get(vaultId)
  return row === null ? group.open({ vaultId }) : openRegistered(group, row)
}

/** The same with the registry row at hand. */
export async function openRegistered(group: GroupCore, row: VaultRegistryRow): Promise<Vault> {
  if (row.status === 'removed')
    throw new LobbyError('SHARD_REMOVED', `The shard ${row.vaultId} was removed; restore it first.`)
  if (group.migrateOnOpen && row.schemaVersion < group.template.version) await bringUp(group, row)
  return group.open(row)
}

async function bringUp(group: GroupCore, row: VaultRegistryRow): Promise<void> {
  const status = await migrateShard(group, row.partitionKey)
  if (status.status === 'done') return
  if (status.phase === 'waiting for access') await group.open(row) // where there is none at all, that says it better
  if (status.phase !== undefined)
    throw new LobbyError(
      'SHARD_MIGRATION_WAITING',
      `${status.vaultId} is to be brought to version ${status.targetVersion} first; that is ${status.phase}.`,
    )
  throw new LobbyError(
    'SHARD_MIGRATION_FAILED',
    `${status.vaultId} could not be brought to version ${status.targetVersion}: ${status.error ?? 'no reason given'}`,
  )
}
