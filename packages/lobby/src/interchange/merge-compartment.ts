/** Merges one extracted partition into a vault: decrypt, then merge. */
import { decryptExtractedPartition } from '@noy-db/hub/bundle'
import type { VaultApi } from '@noy-db/hub'
import { sha256 } from '../canonical-json.ts'
import { mergeIncoming } from './merge-records.ts'
import { assertStrategies } from './strategy.ts'
import type { MergeCompartmentOptions, MergeReport } from './types.ts'

export async function mergeCompartment(
  receiver: VaultApi,
  compartmentBytes: Uint8Array,
  opts: MergeCompartmentOptions,
): Promise<MergeReport> {
  assertStrategies(opts.strategy)
  const decrypted = await decryptExtractedPartition(compartmentBytes, opts.transferKey)
  return mergeIncoming(receiver, decrypted, opts, { sha256: sha256(compartmentBytes) })
}
