/** Shards back to what they were before the campaign: vault, registry row and status in one transaction each. */
import { LobbyError } from '../errors.ts'
import type { GroupCore } from '../federation/group-core.ts'
import type { MigrationStatusRow } from '../federation/registry/types.ts'
import { restoreShardSnapshot } from '../snapshot/restore.ts'
import type { CampaignStore } from './campaign-store.ts'
import type { Lease } from './lease.ts'
import type { CampaignShardRow, CampaignWork } from './types.ts'

export interface RestoreContext {
  readonly group: GroupCore
  readonly store: CampaignStore
  readonly lease: Lease
  readonly clock: () => number
  readonly work: Pick<CampaignWork, 'signal'>
}

/** @throws LobbyError SNAPSHOT_MISSING where none was kept, SNAPSHOT_INVALID, KeysRenewedError; nothing has changed then */
export async function restoreShard(context: RestoreContext, shard: CampaignShardRow): Promise<void> {
  const { group, store, lease, clock, work } = context
  const { snapshot, error: _error, ...rest } = shard
  if (snapshot === undefined)
    throw new LobbyError('SNAPSHOT_MISSING', `There is no snapshot of ${shard.vaultId} in this campaign.`)
  const restored: CampaignShardRow = { ...rest, snapshot, state: 'restored', finishedAt: clock() }
  const state = await group.state()
  const registered = await group.registry.collection.entry(shard.vaultId)
  await lease.alongside((stage) =>
    restoreShardSnapshot(
      snapshot.file,
      {
        db: group.db,
        expected: snapshot,
        async alongside(tx) {
          stage(tx)
          store.putShard(tx, restored)
          state._putMigrationStatus(tx, statusOf(group, shard))
          if (registered === null) return
          const row = { ...registered.record, schemaVersion: shard.from }
          await group.registry.put(tx, row, registered.metadata.version)
        },
      },
      work,
    ),
  )
  group.shardChanged(shard.vaultId)
}

function statusOf(group: GroupCore, { vaultId, from, to }: CampaignShardRow): MigrationStatusRow {
  return { vaultId, group: group.name, currentVersion: from, targetVersion: to, status: 'pending' }
}
