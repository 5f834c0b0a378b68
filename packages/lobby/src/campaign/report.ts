/** A campaign in numbers: every shard is in exactly one state. */
import type { CampaignReport, CampaignRow, CampaignShardRow, LeaseRow, ShardState } from './types.ts'

export function reportOf(
  campaign: CampaignRow,
  shards: readonly CampaignShardRow[],
  runner: LeaseRow | null,
): CampaignReport {
  const counts: Record<ShardState, number> = {
    pending: 0,
    snapshot: 0,
    migrating: 0,
    done: 0,
    failed: 0,
    'waiting for access': 0,
    restored: 0,
  }
  for (const { state } of shards) counts[state] += 1
  const migrated = shards.reduce(
    (sum, shard) => sum + (shard.state === 'done' ? (shard.migrated ?? 0) : 0),
    0,
  )
  return { campaign, shards, counts, migrated, runner }
}
