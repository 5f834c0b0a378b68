/** Which shards a fan-out reads, and which it skips before reading any. */
import { NoAccessError, ShardProvisioningError, ValidationError } from '@noy-db/hub'
import type { GroupCore } from '../group-core.ts'
import type { FanoutQueryOptions, SkippedVault, VaultRegistryRow } from '../types.ts'
import { fanOut, type ShardAnswer } from './fan-out.ts'

/** A probe is one small question; these share a message to the storage host. */
const PROBES_AT_ONCE = 64

export interface Eligible {
  readonly eligible: VaultRegistryRow[]
  /** Drift first, then what is not there, each in registry order. */
  readonly skipped: SkippedVault[]
}

export type EligibleOptions = Pick<
  FanoutQueryOptions,
  'minVersion' | 'includeArchived' | 'signal' | 'shardTimeoutMs'
>

export async function resolveEligible(group: GroupCore, options: EligibleOptions): Promise<Eligible> {
  if (group.db.isClosed) throw new ValidationError('This instance is closed.')
  return classify(group, await group.registry.rows(), options)
}

/** Tombstones, and archived shards unless asked for, are no part of the group; they are not reported either. */
export async function classify(
  group: GroupCore,
  rows: readonly VaultRegistryRow[],
  options: EligibleOptions,
): Promise<Eligible> {
  const { minVersion = -Infinity, includeArchived = false, signal, shardTimeoutMs } = options
  const live = rows.filter(({ status }) => status !== 'removed' && (includeArchived || status !== 'archived'))
  const behind = live.filter((row) => row.schemaVersion < minVersion)
  const skipped: SkippedVault[] = behind.map(({ vaultId }) => ({ vaultId, reason: 'schema-drift' }))
  const eligible: VaultRegistryRow[] = []
  const probes = await fanOut(
    live.filter((row) => row.schemaVersion >= minVersion),
    (row) => group.isProvisioned(row.vaultId),
    { concurrency: PROBES_AT_ONCE, ...(signal && { signal }), ...(shardTimeoutMs && { shardTimeoutMs }) },
  )
  for (const probe of probes) {
    if (probe.answer === true) eligible.push(probe.row)
    else skipped.push(notThere(probe))
  }
  return { eligible, skipped }
}

function notThere({ row: { vaultId, partitionKey }, error }: ShardAnswer<boolean>): SkippedVault {
  return { vaultId, reason: 'error', error: error ?? new ShardProvisioningError(vaultId, partitionKey) }
}

/** Not granted is one thing, everything else is a fault. */
export function skippedFor(vaultId: string, error: Error): SkippedVault {
  return { vaultId, reason: error instanceof NoAccessError ? 'no-grant' : 'error', error }
}
