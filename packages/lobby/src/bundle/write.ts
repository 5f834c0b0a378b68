/** Packs several vaults into one container. Nothing about a vault is disclosed unless asked for. */
import { generateULID } from '@noy-db/hub/kernel'
import { readNoydbBundleHeader, writeNoydbBundle } from '@noy-db/hub/bundle'
import { sha256 } from '../canonical-json.ts'
import { BundleInvalidError } from '../errors.ts'
import { encodeMultiBundle } from './container.ts'
import type { CompartmentManifest, MultiVaultCompartmentInput } from './types.ts'

/** A vault listed twice fails: its handle is stable, and handles are unique. */
export async function writeMultiVaultBundle(
  compartments: readonly MultiVaultCompartmentInput[],
  opts: { handle?: string } = {},
): Promise<Uint8Array> {
  if (compartments.length === 0) throw new BundleInvalidError('A bundle needs at least one vault.')
  const entries: CompartmentManifest[] = []
  const inner: Uint8Array[] = []
  for (const input of compartments) {
    const bytes = await writeNoydbBundle(input.vault, input.bundleOptions)
    entries.push(await describeCompartment(input, bytes))
    inner.push(bytes)
  }
  const handle = opts.handle ?? generateULID()
  return encodeMultiBundle({ multiFormatVersion: 1, handle, compartments: entries }, inner)
}

/** The order of the members is part of the format. */
async function describeCompartment(
  { vault, roleTag, exportedAt, disclose }: MultiVaultCompartmentInput,
  bytes: Uint8Array,
): Promise<CompartmentManifest> {
  const header = readNoydbBundleHeader(bytes)
  const name = disclose?.name === true ? vault.name : disclose?.name
  const { publicEnvelope } = header
  return {
    handle: header.handle,
    exportedAt: exportedAt ?? new Date().toISOString(),
    innerBytes: bytes.length,
    innerSha256: sha256(bytes),
    ...(roleTag !== undefined && { roleTag }),
    ...(typeof name === 'string' && { name }),
    ...(disclose?.collections === true && { collections: await countCollections(vault) }),
    ...(disclose?.publicEnvelope === true && publicEnvelope !== undefined && { publicEnvelope }),
    schemaVersion: (await vault.schemaFenceState()).currentSchemaVersion,
  }
}

async function countCollections(
  vault: MultiVaultCompartmentInput['vault'],
): Promise<{ name: string; count: number }[]> {
  const counted: { name: string; count: number }[] = []
  for (const name of await vault.collections()) {
    counted.push({ name, count: await vault.collection(name).count() })
  }
  return counted
}
