/** Which shards a campaign is about and which go first. Reads the registry and counts; opens no vault. */
import { LobbyError } from '../errors.ts'
import type { GroupCore } from '../federation/group-core.ts'
import type { VaultRegistryRow } from '../federation/types.ts'
import type { CampaignPlan, PlannedShard, PlanOptions } from './types.ts'

/** @throws LobbyError CAMPAIGN_EMPTY where nothing is behind, or nothing of what was asked for */
export async function planCampaign(group: GroupCore, options: PlanOptions = {}): Promise<CampaignPlan> {
  const target = group.template.version
  const only = options.only === undefined ? null : new Set(options.only)
  const behind = (await group.registry.rows()).filter(
    ({ status = 'active', schemaVersion, partitionKey }) =>
      status === 'active' && schemaVersion < target && (only?.has(partitionKey) ?? true),
  )
  if (behind.length === 0)
    throw new LobbyError('CAMPAIGN_EMPTY', `No shard of ${group.name} is behind version ${target}.`)
  const counted = await Promise.all(
    behind.map(async (row) => ({ row, records: await countRecords(group, row) })),
  )
  const first = canaries(counted, options.canary ?? 1)
  const shards = counted.map(({ row, records }): PlannedShard => {
    const { vaultId, partitionKey, schemaVersion: from } = row
    const cohort = first.has(partitionKey) ? 'canary' : 'rest'
    return { vaultId, partitionKey, from, to: target, records, cohort }
  })
  return {
    group: group.name,
    template: group.sharding.vaultTemplate,
    target,
    shards: [...shards.filter(isCanary), ...shards.filter((shard) => !isCanary(shard))],
    records: shards.reduce((sum, shard) => sum + (shard.records ?? 0), 0),
  }
}

/** A plan may have been looked at for a while. @throws LobbyError PLAN_STALE */
export async function assertFresh(group: GroupCore, plan: CampaignPlan): Promise<void> {
  const rows = new Map((await group.registry.rows()).map((row) => [row.vaultId, row]))
  const moved = plan.shards.filter(({ vaultId, from }) => rows.get(vaultId)?.schemaVersion !== from)
  if (plan.target === group.template.version && plan.group === group.name && moved.length === 0) return
  throw new LobbyError(
    'PLAN_STALE',
    `${moved.length} shards, or the template, changed since this was planned.`,
  )
}

const isCanary = ({ cohort }: PlannedShard): boolean => cohort === 'canary'

async function countRecords(group: GroupCore, { vaultId }: VaultRegistryRow): Promise<number | null> {
  const stats = await group.db._resolveBackend(vaultId).stats?.(vaultId)
  if (stats === undefined) return null
  const counts = Object.entries(stats.collections).filter(([name]) => !name.startsWith('_'))
  return counts.reduce((sum, [, { records }]) => sum + records, 0)
}

interface Counted {
  readonly row: VaultRegistryRow
  readonly records: number | null
}

/** An empty shard proves nothing, so it comes after all others. */
function canaries(counted: readonly Counted[], wanted: readonly string[] | number): Set<string> {
  if (typeof wanted !== 'number') return new Set(wanted)
  const size = ({ records }: Counted): number => (records === 0 ? Number.MAX_SAFE_INTEGER : (records ?? 0))
  const bySize = counted.toSorted((left, right) => size(left) - size(right))
  return new Set(bySize.slice(0, wanted).map(({ row }) => row.partitionKey))
}
