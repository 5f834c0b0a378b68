/** Packs several vaults into one container. Nothing about a vault is disclosed unless asked for. */
import { generateULID } from '@noy-db/hub/kernel'
import { readNoydbBundleHeader, writeNoydbBundle } from '@noy-db/hub/bundle'
import { BundleInvalidError } from '../errors.ts'
import { encodeMultiBundle } from './container.ts'
import { compartmentEntry, disclosedName } from './entry.ts'
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

async function describeCompartment(
  { vault, roleTag, exportedAt, disclose }: MultiVaultCompartmentInput,
  bytes: Uint8Array,
): Promise<CompartmentManifest> {
  const { publicEnvelope } = readNoydbBundleHeader(bytes)
  return compartmentEntry(bytes, {
    exportedAt: exportedAt ?? new Date().toISOString(),
    roleTag,
    name: disclosedName(disclose?.name, vault.name),
    collections: disclose?.collections === true ? await countCollections(vault) : undefined,
    publicEnvelope: disclose?.publicEnvelope === true ? publicEnvelope : undefined,
    schemaVersion: (await vault.schemaFenceState()).currentSchemaVersion,
  })
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
