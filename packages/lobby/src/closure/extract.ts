/** Packs what a walk found into one container, a compartment for each vault under a key of its own. */
import type { LongWork } from '@noy-db/hub'
import { packClosure } from '@noy-db/hub/bundle'
import { generateULID } from '@noy-db/hub/kernel'
import { encodeMultiBundle } from '../bundle/container.ts'
import { compartmentEntry, disclosedName } from '../bundle/entry.ts'
import type { CompartmentManifest } from '../bundle/types.ts'
import { onlySignal } from '../pace.ts'
import { CrossVaultDanglingRefError } from './error.ts'
import type {
  CrossVaultClosurePlan,
  ExtractCrossVaultOptions,
  ExtractCrossVaultResult,
  PackCrossVaultOptions,
} from './types.ts'
import { vaultsOf, walkCrossVaultClosure, type OpenVault } from './walk.ts'
import type { WalkedVault } from './walked-vault.ts'

/**
 * `onProgress` counts records.
 * @throws CrossVaultDanglingRefError, LobbyError `PLAN_STALE` (a vault was migrated meanwhile), what the walk throws, and the
 * hub's errors where a vault may not be exported
 */
export async function extractCrossVaultPartition(
  openVault: OpenVault,
  options: ExtractCrossVaultOptions,
): Promise<ExtractCrossVaultResult> {
  return packCrossVaultPlan(await walkCrossVaultClosure(openVault, options), options)
}

/** Exactly the records of the plan, as they were read when it was made. Throws as `extractCrossVaultPartition` does. */
export async function packCrossVaultPlan(
  plan: CrossVaultClosurePlan,
  options: PackCrossVaultOptions = {},
): Promise<ExtractCrossVaultResult> {
  const vaults = vaultsOf(plan)
  if (plan.dangling.length > 0) throw new CrossVaultDanglingRefError(plan.dangling)
  for (const { vault } of vaults.values()) vault.assertCanExport('bundle')
  const exportedAt = new Date().toISOString()
  const progress = countingFrom(vaults, options)
  const packed: Packed[] = []
  for (const [name, vault] of vaults)
    packed.push(await pack(name, vault, { ...options, ...progress() }, exportedAt))
  const compartments = packed.map(({ entry }) => entry)
  const manifest = { multiFormatVersion: 1 as const, handle: generateULID(), compartments }
  const byVault = <T>(valueOf: (one: Packed) => T): Record<string, T> =>
    Object.fromEntries(packed.map((one) => [one.vault, valueOf(one)]))
  return {
    bundle: encodeMultiBundle(
      manifest,
      packed.map(({ bytes }) => bytes),
    ),
    transferKeys: byVault(({ transferKey }) => transferKey),
    sealIds: byVault(({ sealId }) => sealId),
    handles: byVault(({ entry }) => entry.handle),
  }
}

interface Packed {
  readonly vault: string
  readonly entry: CompartmentManifest
  readonly bytes: Uint8Array
  readonly transferKey: Uint8Array
  readonly sealId: string
}

async function pack(
  name: string,
  walked: WalkedVault,
  options: PackCrossVaultOptions,
  exportedAt: string,
): Promise<Packed> {
  const {
    carrySchemas = true,
    carryLedger = false,
    compression,
    compartmentMeta = {},
    signal,
    onProgress,
  } = options
  const { bundleBytes, transferKey, sealId } = await packClosure(walked.vault, walked.closure, {
    carrySchemas,
    carryLedger,
    ...(compression !== undefined && { compression }),
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress }),
  })
  const meta = Object.hasOwn(compartmentMeta, name) ? compartmentMeta[name] : undefined
  const entry = compartmentEntry(bundleBytes, {
    exportedAt,
    roleTag: meta?.roleTag,
    name: disclosedName(meta?.disclose?.name, name),
    collections: meta?.disclose?.collections === true ? walked.counts() : undefined,
    schemaVersion: await walked.schemaVersion(),
  })
  return { vault: name, entry, bytes: bundleBytes, transferKey, sealId }
}

/** Progress over all vaults, asked for once before each. */
function countingFrom(vaults: ReadonlyMap<string, WalkedVault>, work: LongWork): () => LongWork {
  const sizes = [...vaults.values()].map(({ closure }) => sizeOf(closure.closure))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  let next = 0
  return () => {
    const before = sizes.slice(0, next).reduce((sum, size) => sum + size, 0)
    next += 1
    const report = work.onProgress
    return { ...onlySignal(work), ...(report && { onProgress: (done) => report(before + done, total) }) }
  }
}

function sizeOf(closure: ReadonlyMap<string, ReadonlySet<string>>): number {
  return [...closure.values()].reduce((sum, ids) => sum + ids.size, 0)
}
