/** How much a group holds, as the store says: nothing is decrypted, and collections that this user may not read count too. */
import type { Vault } from '@noy-db/hub'
import { resolveEligible, skippedFor } from '../federation/fanout/eligible.ts'
import { fanOut } from '../federation/fanout/fan-out.ts'
import { coreOf } from '../federation/group-core.ts'
import type { FleetWork, SkippedVault } from '../federation/types.ts'
import type { VaultGroup } from '../federation/vault-group.ts'

export interface GroupShardMetrics {
  readonly vaultId: string
  readonly partitionKey: string
  readonly schemaVersion: number
  readonly collections: number
  readonly records: number
}

export interface GroupMeterReport {
  /** Shards counted. */
  readonly vaults: number
  /** Distinct names over the group. */
  readonly collections: number
  readonly records: number
  readonly perShard: GroupShardMetrics[]
  readonly skipped: SkippedVault[]
}

export interface MeterOptions extends FleetWork {
  readonly minVersion?: number
  readonly concurrency?: number
}

/** Of shards this user can open; the others are skipped. */
export async function meterGroup<T>(
  group: VaultGroup<T>,
  opts: MeterOptions = {},
): Promise<GroupMeterReport> {
  const core = coreOf(group)
  const { eligible, skipped } = await resolveEligible(core, opts)
  const answers = await fanOut(eligible, async (row) => countsOf(await core.open(row)), opts)
  const names = new Set<string>()
  const perShard: GroupShardMetrics[] = []
  const failed: SkippedVault[] = []
  for (const { row, answer: counts, error } of answers) {
    if (error !== undefined) failed.push(skippedFor(row.vaultId, error))
    else {
      const { vaultId, partitionKey, schemaVersion } = row
      for (const name of counts.keys()) names.add(name)
      perShard.push({
        vaultId,
        partitionKey,
        schemaVersion,
        collections: counts.size,
        records: sum(counts.values()),
      })
    }
  }
  return {
    vaults: perShard.length,
    collections: names.size,
    records: sum(perShard.map(({ records }) => records)),
    perShard,
    skipped: [...skipped, ...failed],
  }
}

/** Records by collection. */
async function countsOf(vault: Vault): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const { _store: store } = vault.noydb
  const stats = await store.stats?.(vault.name)
  for (const name of await vault.collections()) {
    counts.set(name, stats?.collections[name]?.records ?? (await store.list(vault.name, name)).length)
  }
  return counts
}

function sum(numbers: Iterable<number>): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
