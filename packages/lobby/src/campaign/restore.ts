/** Shards back to what they were before the campaign: vault, registry row and status in one transaction each. */
import { readVault } from '@noy-db/hub/copy'
import { LobbyError } from '../errors.ts'
import type { GroupCore } from '../federation/group-core.ts'
import type { MigrationStatusRow } from '../federation/registry/types.ts'
import { restoreShardSnapshot } from '../snapshot/restore.ts'
import { assertNothingLost, changesSince } from './changes-since.ts'
import type { CampaignStore } from './campaign-store.ts'
import type { Lease } from './lease.ts'
import type { CampaignShardRow, PlannedRestore, RestoreWork, ShardSnapshot } from './types.ts'

export interface RestoreContext {
  readonly group: GroupCore
  readonly store: CampaignStore
  readonly lease: Lease
  readonly clock: () => number
  readonly work: RestoreWork
}

/** @throws LobbyError SNAPSHOT_MISSING, SNAPSHOT_INVALID, NoAccessError */
export async function planShardRestore(
  { db }: Pick<GroupCore, 'db'>,
  shard: CampaignShardRow,
): Promise<PlannedRestore> {
  const { file } = snapshotOf(shard)
  const { vaultId, partitionKey } = shard
  const vault = await db.openVault(vaultId, { create: false })
  const changes = await readVault(vault, (stored) => changesSince(file, stored, shard))
  return { vaultId, partitionKey, changes }
}

/**
 * @throws LobbyError SNAPSHOT_MISSING where none was kept, SNAPSHOT_INVALID, CAMPAIGN_CHANGED_SINCE, KeysRenewedError; nothing
 * has changed then
 */
export async function restoreShard(context: RestoreContext, shard: CampaignShardRow): Promise<void> {
  const { group, store, lease, clock, work } = context
  const { error: _error, ...rest } = shard
  const snapshot = snapshotOf(shard)
  const restored: CampaignShardRow = { ...rest, snapshot, state: 'restored', finishedAt: clock() }
  const state = await group.state()
  const registered = await group.registry.collection.entry(shard.vaultId)
  await lease.alongside((stage) =>
    restoreShardSnapshot(
      snapshot.file,
      {
        db: group.db,
        expected: snapshot,
        async inspect(stored) {
          if (work.discardChanges === true) return
          const changes = await changesSince(snapshot.file, stored, shard)
          assertNothingLost([{ vaultId: shard.vaultId, changes }])
        },
        async alongside(tx) {
          stage(tx)
          store.putShard(tx, restored)
          state._putMigrationStatus(tx, statusOf(group, shard))
          if (registered === null) return
          const row = { ...registered.record, schemaVersion: shard.from }
          await group.registry.put(tx, row, registered.metadata.version)
        },
      },
      work.signal === undefined ? {} : { signal: work.signal },
    ),
  )
  group.shardChanged(shard.vaultId)
}

function snapshotOf({ snapshot, vaultId }: CampaignShardRow): ShardSnapshot {
  if (snapshot !== undefined) return snapshot
  throw new LobbyError('SNAPSHOT_MISSING', `There is no snapshot of ${vaultId} in this campaign.`)
}

function statusOf(group: GroupCore, { vaultId, from, to }: CampaignShardRow): MigrationStatusRow {
  return { vaultId, group: group.name, currentVersion: from, targetVersion: to, status: 'pending' }
}
