/** The summaries of one shard: each source is read once, and what was derived is written in one transaction. */
import { jsonEquals, type Vault } from '@noy-db/hub/kernel'
import type { GroupCore } from '../group-core.ts'
import type { VaultRegistryRow } from '../types.ts'
import { Freshness } from './freshness.ts'
import type { CrossVaultDerivationSpec } from './types.ts'

/** A derivation whatever its record types: they are the registering caller's claim. */
export type Derivation = CrossVaultDerivationSpec<never, unknown>

/** The vault of its target, opened before any shard is read. */
export interface Aimed {
  readonly derivation: Derivation
  readonly target: Vault
}

export interface ShardSummaries {
  readonly written: number
  readonly failures: readonly Error[]
}

interface Summary extends Aimed {
  readonly value: unknown
}

/** A derivation that throws costs its own row only; that row is marked stale. */
export async function deriveShard(
  group: GroupCore,
  row: VaultRegistryRow,
  shard: Vault,
  aims: readonly Aimed[],
): Promise<ShardSummaries> {
  const records = await readSources(shard, aims)
  const summaries: Summary[] = []
  const failures: Error[] = []
  for (const aim of aims) {
    try {
      summaries.push({ ...aim, value: derive(aim.derivation, records.get(aim.derivation.source) ?? [], row) })
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error), { cause: error })
      failures.push(failure)
      await freshnessOf(group, aim).mark(row.partitionKey, 'stale', failure.message)
    }
  }
  await writeSummaries(group, row.partitionKey, summaries)
  return { written: summaries.length, failures }
}

function derive({ derive: reduce }: Derivation, records: readonly unknown[], row: VaultRegistryRow): unknown {
  const { vaultId, partitionKey, schemaVersion } = row
  const own = [...records] as never[] // an array of its own, which it may sort; the type is the registering caller's claim
  return reduce(own, { vaultId, partitionKey, schemaVersion })
}

async function readSources(shard: Vault, aims: readonly Aimed[]): Promise<Map<string, readonly unknown[]>> {
  const records = new Map<string, readonly unknown[]>()
  for (const { derivation } of aims) {
    if (records.has(derivation.source)) continue
    records.set(derivation.source, await shard.collection(derivation.source).query().run())
  }
  return records
}

async function writeSummaries(
  group: GroupCore,
  partitionKey: string,
  summaries: readonly Summary[],
): Promise<void> {
  const due: Summary[] = []
  for (const summary of summaries) if (!(await isUpToDate(group, partitionKey, summary))) due.push(summary)
  if (due.length === 0) return
  const now = Date.now()
  await group.db.transaction(
    (tx) => {
      for (const summary of due) {
        tx.put(summary.target, summary.derivation.target.collection, partitionKey, summary.value)
        freshnessOf(group, summary).put(tx, partitionKey, { state: 'fresh', derivedAt: now, since: now })
      }
    },
    { command: 'insights.refresh' },
  )
}

async function isUpToDate(group: GroupCore, partitionKey: string, summary: Summary): Promise<boolean> {
  const stored = await summary.target.collection(summary.derivation.target.collection).get(partitionKey)
  if (stored === null || !jsonEquals(stored, summary.value)) return false
  return (await freshnessOf(group, summary).get(partitionKey))?.state === 'fresh'
}

export function freshnessOf(group: GroupCore, { derivation, target }: Aimed): Freshness {
  return new Freshness(group, target, derivation.target.collection)
}
