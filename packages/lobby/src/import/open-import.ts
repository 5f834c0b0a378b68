/** A container as an import sees it: verified, its sender checked, its compartments opened with their keys. */
import { decryptExtractedPartition, readPartitionBinding } from '@noy-db/hub/bundle'
import type { LongWork, NoydbApi, VaultApi } from '@noy-db/hub'
import { ValidationError } from '@noy-db/hub'
import { assertImportable } from '../bundle/manifest.ts'
import { openContainer, type Compartment } from '../bundle/read.ts'
import type { CompartmentManifest } from '../bundle/types.ts'
import { sha256 } from '../canonical-json.ts'
import { BundleInvalidError, LobbyError } from '../errors.ts'
import { openNotes, type CompartmentNotes } from '../exchange/compartment-notes.ts'
import { findKey } from '../exchange/find-key.ts'
import { assertKey } from '../exchange/key-file.ts'
import { verifySender } from '../identity/sender-block.ts'
import type { SenderBlock } from '../identity/types.ts'
import { onlySignal } from '../pace.ts'
import { upgradeRecords, type DeclaredMigration } from '../templates/upgrade-records.ts'
import type { Incoming } from './vault-merge.ts'

export interface VerifiedContainer {
  readonly sha256: string
  readonly compartments: readonly Compartment[]
  readonly sender: SenderBlock | null
}

/** Structure, hashes and signature; no key is needed. Anything wrong refuses the whole container. */
export function verifyContainer(bytes: Uint8Array): VerifiedContainer {
  const { manifest, compartments } = openContainer(bytes)
  for (const { entry } of compartments) assertImportable(entry)
  const inner = compartments.map((compartment) => compartment.inner)
  return { sha256: sha256(bytes), compartments, sender: verifySender(manifest, inner) }
}

export interface OpenCompartment {
  readonly entry: CompartmentManifest
  readonly vault: VaultApi
  readonly incoming: Incoming
  readonly notes: CompartmentNotes
}

export interface OpenOptions {
  /** By handle, seal id or disclosed name of the compartment. */
  readonly keys: Readonly<Record<string, Uint8Array>>
  /** Vault name by compartment handle; compartments not named are left alone. */
  readonly into: Readonly<Record<string, string>>
  /** Declares collections, schemas and references on each receiving vault. */
  readonly declare?: (vault: VaultApi) => void
  /**
   * The template a receiving vault follows. Records that were sent in an older version of it are brought to its current one,
   * all of them, before anything is compared.
   */
  readonly templateOf?: (vault: VaultApi) => DeclaredMigration | undefined
}

export async function openCompartments(
  db: NoydbApi,
  container: VerifiedContainer,
  options: OpenOptions,
  work?: LongWork,
): Promise<OpenCompartment[]> {
  assertTargets(container, options.into)
  const opened: OpenCompartment[] = []
  for (const { entry, inner } of container.compartments) {
    const name = own(options.into, entry.handle)
    if (name === undefined) continue
    work?.signal?.throwIfAborted()
    const key = findKey(options.keys, { entry, inner }, container.compartments)
    if (key === undefined) {
      throw new LobbyError('KEY_MISSING', `There is no key for ${entry.name ?? entry.handle}.`)
    }
    assertBinding(entry, inner, container.sender)
    const transferKey = assertKey(key)
    const incoming = await decryptExtractedPartition(inner, transferKey, onlySignal(work))
    const notes = openNotes(entry, transferKey)
    // Never created here: a misspelt name must not leave an empty vault behind.
    const vault = await db.openVault(name, { create: false })
    options.declare?.(vault)
    opened.push({
      entry,
      vault,
      incoming: await upToDate(entry, incoming, options.templateOf?.(vault), work),
      notes,
    })
  }
  return opened
}

/**
 * A body that was bound to an exchange comes in the container signed for it, or in none: neither can it be passed on in
 * another one, nor its signature be taken off.
 */
function assertBinding(entry: CompartmentManifest, inner: Uint8Array, sender: SenderBlock | null): void {
  const { bodyFormat, exchangeId } = readPartitionBinding(inner)
  if (bodyFormat === 1 || exchangeId === (sender?.exchangeId ?? null)) return
  throw new BundleInvalidError(`Compartment ${entry.name ?? entry.handle} was made for another exchange.`)
}

async function upToDate(
  { template: sent }: CompartmentManifest,
  incoming: Incoming,
  migration: DeclaredMigration | undefined,
  work?: LongWork,
): Promise<Incoming> {
  // Of another template, or of none that it says: the receiver's schema will judge each record as it is.
  if (migration === undefined || sent?.name !== migration.template.name) return incoming
  return (await upgradeRecords(incoming, migration, sent.version, onlySignal(work))).records
}

function assertTargets({ compartments }: VerifiedContainer, into: OpenOptions['into']): void {
  const handles = new Set(compartments.map(({ entry }) => entry.handle))
  const unknown = Object.keys(into).find((handle) => !handles.has(handle))
  if (unknown !== undefined) throw new ValidationError(`The bundle has no compartment ${unknown}.`)
  const names = Object.values(into)
  if (names.length === 0) throw new ValidationError('Say which vault takes which compartment.')
  if (new Set(names).size !== names.length) {
    throw new ValidationError('Two compartments cannot go into one vault in one import.')
  }
}

function own<T>(map: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined
}
