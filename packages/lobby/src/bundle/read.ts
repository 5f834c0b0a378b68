/** Reads containers without keys: what is inside, and one compartment at a time. */
import { hasNoydbBundleMagic } from '@noy-db/hub'
import { readNoydbBundleHeader } from '@noy-db/hub/bundle'
import { sha256 } from '../canonical-json.ts'
import { BundleInvalidError } from '../errors.ts'
import { decodeMultiBundle, hasMultiBundleMagic } from './container.ts'
import type { CompartmentManifest, MultiBundleManifest } from './types.ts'

const RESERVED_BYTE = 5
const MANIFEST_MEMBERS: ReadonlySet<string> = new Set([
  'multiFormatVersion',
  'handle',
  'compartments',
  'sender',
])

export interface Compartment {
  readonly entry: CompartmentManifest
  readonly inner: Uint8Array
}

/** A container, or a single-vault bundle shown as a container of one. */
export interface OpenContainer {
  /** Null for a single-vault bundle. */
  readonly manifest: MultiBundleManifest | null
  readonly compartments: readonly Compartment[]
}

/** Nothing is decrypted. */
export async function readNoydbBundleManifest(bytes: Uint8Array): Promise<CompartmentManifest[]> {
  if (hasMultiBundleMagic(bytes)) return [...decodeMultiBundle(bytes).manifest.compartments]
  return [singleEntry(bytes)]
}

function singleEntry(bytes: Uint8Array): CompartmentManifest {
  if (!hasNoydbBundleMagic(bytes)) throw new BundleInvalidError('This file is not a bundle.')
  const { handle, publicEnvelope } = readNoydbBundleHeader(bytes)
  return {
    handle,
    innerBytes: bytes.length,
    innerSha256: sha256(bytes),
    ...(publicEnvelope !== undefined && { publicEnvelope }),
  }
}

/** By zero-based index or by handle; a text of digits is a handle. The hash is not compared: see `readVerifiedCompartment`. */
export function readMultiVaultBundleCompartment(bytes: Uint8Array, selector: string | number): Uint8Array {
  return selectCompartment(bytes, selector).inner
}

/** The same, with the hash compared. @throws BundleInvalidError */
export function readVerifiedCompartment(bytes: Uint8Array, selector: string | number): Uint8Array {
  const { entry, inner } = selectCompartment(bytes, selector)
  return entry === null ? inner : verifyInner(entry, inner)
}

/** Without an entry where the bundle is of a single vault: it has its hash in its own header. */
type Selected = Pick<Compartment, 'inner'> & { readonly entry: CompartmentManifest | null }

function selectCompartment(bytes: Uint8Array, selector: string | number): Selected {
  if (typeof selector === 'number' && !Number.isInteger(selector)) {
    throw new BundleInvalidError('The index of a compartment is a whole number.')
  }
  const found = hasNoydbBundleMagic(bytes) ? selectSingle(bytes, selector) : selectMulti(bytes, selector)
  if (found === undefined) throw new BundleInvalidError(`The bundle has no compartment "${selector}".`)
  return found
}

function selectSingle(bytes: Uint8Array, selector: string | number): Selected | undefined {
  const { handle } = readNoydbBundleHeader(bytes)
  return selector === 0 || selector === handle ? { entry: null, inner: bytes } : undefined
}

function selectMulti(bytes: Uint8Array, selector: string | number): Selected | undefined {
  const { manifest, inner } = decodeMultiBundle(bytes)
  const { compartments } = manifest
  const at =
    typeof selector === 'number' ? selector : compartments.findIndex(({ handle }) => handle === selector)
  const [entry, found] = [compartments[at], inner[at]]
  return entry === undefined || found === undefined ? undefined : { entry, inner: found }
}

/** For everything that imports: the container with the hash of every compartment compared with its bytes. */
export function openContainer(bytes: Uint8Array): OpenContainer {
  if (!hasMultiBundleMagic(bytes)) {
    return { manifest: null, compartments: [{ entry: singleEntry(bytes), inner: bytes }] }
  }
  const { manifest, inner } = decodeMultiBundle(bytes)
  // Readers of the format ignore this byte; in an import a set bit can only be damage.
  if (bytes[RESERVED_BYTE] !== 0) throw new BundleInvalidError('The bundle is damaged in its prefix.')
  const unknown = Object.keys(manifest).find((name) => !MANIFEST_MEMBERS.has(name))
  // `sender` with one letter damaged must not turn a signed bundle into an unsigned one.
  if (unknown !== undefined) throw new BundleInvalidError(`The manifest has an unknown member "${unknown}".`)
  const compartments = manifest.compartments.map((entry, at) => ({
    entry,
    inner: verifyInner(entry, inner[at] ?? new Uint8Array()),
  }))
  return { manifest, compartments }
}

/** @throws BundleInvalidError when the bytes are not those the manifest was written for. */
function verifyInner(entry: CompartmentManifest, bytes: Uint8Array): Uint8Array {
  if (sha256(bytes) !== entry.innerSha256) {
    throw new BundleInvalidError(
      `Compartment ${entry.name ?? entry.handle} was changed since it was written.`,
    )
  }
  return bytes
}
