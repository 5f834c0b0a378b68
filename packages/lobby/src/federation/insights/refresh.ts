/** Derives the summaries of every shard, and says of the others whether their last one still holds. */
import { fanOut } from '../fanout/fan-out.ts'
import { resolveEligible, skippedFor } from '../fanout/eligible.ts'
import type { GroupCore } from '../group-core.ts'
import { keyInVaultId } from '../names.ts'
import type { SkippedVault } from '../types.ts'
import { deriveShard, freshnessOf, type Aimed, type Derivation } from './derive-shard.ts'
import { assertNoShard } from './targets.ts'
import type { RefreshInsightsOptions, RefreshInsightsResult } from './types.ts'

/** @throws ValidationError, NoAccessError, ReadOnlyError for a target, before any shard is read; what goes wrong with a shard is reported */
export async function refreshInsights(
  group: GroupCore,
  derivations: readonly Derivation[],
  options: RefreshInsightsOptions,
): Promise<RefreshInsightsResult> {
  if (derivations.length === 0) return { written: 0, skippedVaults: [] }
  const aims = await aimAll(group, derivations)
  const { eligible, skipped } = await resolveEligible(group, options)
  const answers = await fanOut(
    eligible,
    async (row) => deriveShard(group, row, await group.open(row), aims),
    options,
  )
  let written = 0
  const unread: SkippedVault[] = [...skipped]
  const underived: SkippedVault[] = []
  for (const { row, answer, error } of answers) {
    written += answer?.written ?? 0
    const [failure] = answer?.failures ?? []
    if (error !== undefined) unread.push(skippedFor(row.vaultId, error))
    else if (failure !== undefined) underived.push(skippedFor(row.vaultId, failure))
  }
  const stale = await markStale(group, aims, unread)
  return {
    written,
    skippedVaults: [...unread, ...underived],
    stale: [...stale, ...underived.map(({ vaultId }) => keyInVaultId(group.name, vaultId))],
    departed: await markDeparted(group, aims),
  }
}

export async function aimAll(group: GroupCore, derivations: readonly Derivation[]): Promise<Aimed[]> {
  const aims: Aimed[] = []
  for (const derivation of derivations) {
    await assertNoShard(group, derivation.target)
    const target = await group.db.openVault(derivation.target.vault)
    target._introspectState().assertMayWrite(derivation.target.collection)
    aims.push({ derivation, target })
  }
  return aims
}

/** Of shards that could not be read. Not where access is missing: somebody who has it keeps that summary. */
async function markStale(
  group: GroupCore,
  aims: readonly Aimed[],
  unread: readonly SkippedVault[],
): Promise<string[]> {
  const stale = new Set<string>()
  for (const { vaultId, reason, error } of unread) {
    if (reason === 'no-grant') continue
    const key = keyInVaultId(group.name, vaultId)
    for (const aim of aims) {
      if (await freshnessOf(group, aim).mark(key, 'stale', error?.message ?? reason)) stale.add(key)
    }
  }
  return [...stale]
}

/** Only keys with a summary that are no active shard any more. */
async function markDeparted(group: GroupCore, aims: readonly Aimed[]): Promise<string[]> {
  const rows = await group.registry.rows()
  const active = new Set(
    rows.filter(({ status }) => (status ?? 'active') === 'active').map((row) => row.partitionKey),
  )
  const departed = new Set<string>()
  for (const aim of aims) {
    const freshness = freshnessOf(group, aim)
    for (const key of await freshness.keys()) {
      if (active.has(key)) continue
      await freshness.mark(key, 'departed')
      departed.add(key)
    }
  }
  return [...departed]
}
