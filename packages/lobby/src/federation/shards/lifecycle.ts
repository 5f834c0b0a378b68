/**
 * What becomes of a shard: archived shards are read on request and not written to; a removed one stays in the registry as a
 * tombstone, so that its key is not given to another client. Its vault is left in the store, and restoring brings it back.
 */
import { UnknownShardError } from '@noy-db/hub'
import type { GroupCore } from '../group-core.ts'
import { shardVaultId } from '../names.ts'
import type { VaultRegistryRow } from '../types.ts'
import { stageDisplayName } from './display-name.ts'
import { existingShard } from './create-shard.ts'

type Status = NonNullable<VaultRegistryRow['status']>

/** @throws UnknownShardError */
export async function setShardStatus(
  group: GroupCore,
  key: string,
  status: Status,
): Promise<VaultRegistryRow> {
  const vaultId = shardVaultId(group.name, key)
  const changed: VaultRegistryRow[] = []
  await group.write(`shards.${status}`, async (tx) => {
    const stored = await group.registry.collection.entry(vaultId)
    if (stored?.record.group !== group.name) throw new UnknownShardError(key, group.name)
    const row = { ...stored.record, status, statusAt: Date.now() }
    await group.registry.put(tx, row, stored.metadata.version)
    changed.push(row)
  })
  group.shardChanged(vaultId)
  const [row] = changed.slice(-1) // of the attempt that went through
  if (row === undefined) throw new UnknownShardError(key, group.name)
  return row
}

/** The name people see; key and vault keep theirs. @throws UnknownShardError, ShardProvisioningError */
export async function renameShard(group: GroupCore, key: string, displayName: string): Promise<void> {
  const vault = await existingShard(group, key)
  await group.db.transaction((tx) => stageDisplayName(tx, vault, displayName), { command: 'shards.rename' })
}
