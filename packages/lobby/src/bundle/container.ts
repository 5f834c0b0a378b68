/**
 * The NDBM container: magic, version, reserved byte, manifest length (unsigned, big-endian), manifest as UTF-8 JSON,
 * then the single-vault bundles in manifest order without separators.
 */
import { limits } from '@noy-db/hub'
import { BundleInvalidError, LobbyError } from '../errors.ts'
import { assertManifest } from './manifest.ts'
import { parseOutsideJson } from './safe-json.ts'
import type { CompartmentManifest, MultiBundleManifest } from './types.ts'

export const NOYDB_MULTI_BUNDLE_MAGIC = new Uint8Array([0x4e, 0x44, 0x42, 0x4d])
export const NOYDB_MULTI_BUNDLE_PREFIX_BYTES = 10
export const NOYDB_MULTI_BUNDLE_VERSION = 1

export function hasMultiBundleMagic(bytes: Uint8Array): boolean {
  return NOYDB_MULTI_BUNDLE_MAGIC.every((byte, at) => bytes[at] === byte)
}

/** The hash of an entry is not compared with its bytes here; `verifyInner` does. */
export function encodeMultiBundle(manifest: MultiBundleManifest, inner: readonly Uint8Array[]): Uint8Array {
  assertManifest(manifest)
  if (manifest.compartments.length !== inner.length) {
    throw new BundleInvalidError('The manifest does not list as many compartments as there are.')
  }
  manifest.compartments.forEach((entry, at) => {
    if (entry.innerBytes !== inner[at]?.length) {
      throw new BundleInvalidError(`Compartment ${entry.handle} is not of the size its entry says.`)
    }
  })
  const json = Buffer.from(JSON.stringify(manifest), 'utf8')
  if (json.length > limits.manifestBytes) throw new BundleInvalidError('The manifest is too large.')
  return new Uint8Array(Buffer.concat([prefix(json.length), json, ...inner]))
}

function prefix(manifestBytes: number): Buffer {
  const bytes = Buffer.alloc(NOYDB_MULTI_BUNDLE_PREFIX_BYTES)
  bytes.set(NOYDB_MULTI_BUNDLE_MAGIC)
  bytes.writeUInt8(NOYDB_MULTI_BUNDLE_VERSION, 4)
  bytes.writeUInt32BE(manifestBytes, 6)
  return bytes
}

/** The inner bundles are views on `bytes`, not copies. */
export function decodeMultiBundle(bytes: Uint8Array): { manifest: MultiBundleManifest; inner: Uint8Array[] } {
  const start = NOYDB_MULTI_BUNDLE_PREFIX_BYTES + manifestLength(bytes)
  const manifest = parseOutsideJson(
    bytes.subarray(NOYDB_MULTI_BUNDLE_PREFIX_BYTES, start),
    limits.manifestBytes,
    'manifest',
  )
  assertManifest(manifest)
  return { manifest, inner: sliceInner(bytes, start, manifest.compartments) }
}

function manifestLength(bytes: Uint8Array): number {
  if (!hasMultiBundleMagic(bytes)) throw new BundleInvalidError('This is not a multi-vault bundle.')
  if (bytes.length < NOYDB_MULTI_BUNDLE_PREFIX_BYTES) throw new BundleInvalidError('The bundle is truncated.')
  if (bytes[4] !== NOYDB_MULTI_BUNDLE_VERSION) {
    throw new LobbyError(
      'BUNDLE_TOO_NEW',
      `The bundle is of format version ${bytes[4]}; this program reads version 1.`,
    )
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(6)
  if (NOYDB_MULTI_BUNDLE_PREFIX_BYTES + length > bytes.length) {
    throw new BundleInvalidError('The manifest is truncated.')
  }
  return length
}

function sliceInner(bytes: Uint8Array, start: number, entries: readonly CompartmentManifest[]): Uint8Array[] {
  let at = start
  const inner = entries.map((entry) => {
    const end = at + entry.innerBytes
    if (end > bytes.length) throw new BundleInvalidError(`Compartment ${entry.handle} is truncated.`)
    const part = bytes.subarray(at, end)
    at = end
    return part
  })
  if (at !== bytes.length) throw new BundleInvalidError('There are bytes after the last compartment.')
  return inner
}
