/** Makes the vault of a partition key, or adopts the one that is there, and registers it. */
import { ConflictError, ShardProvisioningError, UnknownShardError, ValidationError } from '@noy-db/hub'
import type { Vault } from '@noy-db/hub/kernel'
import { LobbyError } from '../../errors.ts'
import type { GroupCore } from '../group-core.ts'
import { assertReadsAll } from '../migrate/access.ts'
import { shardVaultId } from '../names.ts'
import type { VaultRegistryRow } from '../types.ts'
import { stageDisplayName } from './display-name.ts'
import { openShard } from './open-shard.ts'

export interface CreateShardOptions {
  /** Kept inside the shard, so that whoever reads the registry learns no names. */
  readonly displayName?: string
}

/**
 * @throws ShardProvisioningError, DataResidencyError, LobbyError SHARD_REMOVED; ReadOnlyError, NoAccessError for who may not
 * register it, before anything is made
 */
export async function createShard(
  group: GroupCore,
  key: string,
  region: string | undefined,
  options: CreateShardOptions,
): Promise<Vault> {
  const vaultId = shardVaultId(group.name, key)
  const row = await ownRow(group, vaultId)
  const provisioned = await group.isProvisioned(vaultId)
  if (row !== null && !provisioned) throw new ShardProvisioningError(vaultId, key)
  if (row !== null) return openShard(group, key)
  await assertNoCaseTwin(group, vaultId)
  const required = region ?? group.sharding.regionOfKey?.(key)
  if (required !== undefined) group.assertRegion(vaultId, required)
  return provision(group, newRow(group, vaultId, key, required), options)
}

/** An existing shard. @throws UnknownShardError, ShardProvisioningError, LobbyError SHARD_REMOVED */
export async function existingShard(group: GroupCore, key: string): Promise<Vault> {
  const vaultId = shardVaultId(group.name, key)
  if ((await ownRow(group, vaultId)) === null) throw new UnknownShardError(key, group.name)
  if (!(await group.isProvisioned(vaultId))) throw new ShardProvisioningError(vaultId, key)
  return openShard(group, key)
}

async function ownRow(group: GroupCore, vaultId: string): Promise<VaultRegistryRow | null> {
  const row = await group.registry.collection.get(vaultId)
  if (row !== null && row.group !== group.name)
    throw new ValidationError(`The vault ${vaultId} belongs to the group ${row.group}.`)
  if (row?.status === 'removed')
    throw new LobbyError('SHARD_REMOVED', `The shard ${vaultId} was removed; restore it first.`)
  return row
}

/** Two keys that differ in case alone are one file name on some stores. */
async function assertNoCaseTwin(group: GroupCore, vaultId: string): Promise<void> {
  const lower = vaultId.toLowerCase()
  const twin = (await group.registry.rows()).find((row) => row.vaultId.toLowerCase() === lower)
  if (twin === undefined || twin.vaultId === vaultId) return
  throw new ValidationError(`There is a shard ${twin.vaultId}, which differs from ${vaultId} in case alone.`)
}

async function provision(
  group: GroupCore,
  row: VaultRegistryRow,
  options: CreateShardOptions,
): Promise<Vault> {
  await group.assertMayRegister()
  const vault = group.configure(await group.db.openVault(row.vaultId))
  // An adopted vault may hold data of an earlier version: it is brought up before the registry says so.
  if ((await vault.collections()).length > 0) {
    assertReadsAll(vault, group.template)
    await vault.runSchemaCutover()
  }
  try {
    await group.write('shards.create', async (tx, append) => {
      await group.registry.put(tx, row, 0)
      if (options.displayName !== undefined) stageDisplayName(tx, vault, options.displayName)
      const { vaultId, templateName, schemaVersion } = row
      append({ type: 'shard-created', group: group.name, vaultId, templateName, version: schemaVersion })
    })
  } catch (error) {
    const wasFirst = error instanceof ConflictError && (await group.registry.get(row.vaultId)) !== null
    if (!wasFirst) throw error
  }
  return vault
}

function newRow(
  group: GroupCore,
  vaultId: string,
  partitionKey: string,
  region: string | undefined,
): VaultRegistryRow {
  return {
    vaultId,
    partitionKey,
    templateName: group.sharding.vaultTemplate,
    schemaVersion: group.template.version,
    createdAt: Date.now(),
    group: group.name,
    ...(region !== undefined && { region }),
  }
}
