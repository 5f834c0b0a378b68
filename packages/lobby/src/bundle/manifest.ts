/** Rules a container manifest must satisfy, the same when writing and when reading. */
import { limits } from '@noy-db/hub'
import { BundleInvalidError } from '../errors.ts'
import type { CompartmentManifest, MultiBundleManifest } from './types.ts'

const SHA256 = /^[0-9a-f]{64}$/

/** Checked in the order of the format description; fields not named there are left to their users. */
export function assertManifest(value: unknown): asserts value is MultiBundleManifest {
  const manifest = object(value, 'The manifest')
  if (manifest['multiFormatVersion'] !== 1) {
    throw new BundleInvalidError('The manifest is not of format version 1.')
  }
  nonEmptyText(manifest['handle'], 'The handle of the container')
  const compartments = manifest['compartments']
  if (!Array.isArray(compartments)) throw new BundleInvalidError('The compartments are not a list.')
  if (compartments.length > limits.compartments) {
    throw new BundleInvalidError(`The container has more than ${limits.compartments} compartments.`)
  }
  const handles = new Set<string>()
  for (const entry of compartments) assertCompartment(entry, handles)
}

function assertCompartment(value: unknown, handles: Set<string>): void {
  const entry = object(value, 'A compartment')
  const handle = nonEmptyText(entry['handle'], 'The handle of a compartment')
  if (handles.has(handle)) throw new BundleInvalidError(`Two compartments have the handle ${handle}.`)
  handles.add(handle)
  if (!Number.isInteger(entry['innerBytes']) || Number(entry['innerBytes']) < 0) {
    throw new BundleInvalidError(`The size of compartment ${handle} is not a whole number of bytes.`)
  }
  if (typeof entry['innerSha256'] !== 'string' || !SHA256.test(entry['innerSha256'])) {
    throw new BundleInvalidError(`The hash of compartment ${handle} is not a SHA-256 in hex.`)
  }
}

function object(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BundleInvalidError(`${what} is not an object.`)
  }
  return value as Record<string, unknown> // an object that is no array, checked above
}

function nonEmptyText(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new BundleInvalidError(`${what} is missing.`)
  return value
}

function assertTemplate({ handle, template }: CompartmentManifest): void {
  if (template === undefined) return
  const { name, version } = object(template, 'The template')
  if (typeof name === 'string' && Number.isSafeInteger(version)) return
  throw new BundleInvalidError(`The template of compartment ${handle} is malformed.`)
}

/**
 * Members an import relies on and the format leaves open. Checked where they are used, so that a reader that ignores
 * them still reads a bundle that has something else there.
 */
export function assertImportable(entry: CompartmentManifest): void {
  const { name, projection } = entry
  if (name !== undefined && typeof name !== 'string') {
    throw new BundleInvalidError(`The name of compartment ${entry.handle} is no text.`)
  }
  assertTemplate(entry)
  if (projection === undefined) return
  const lists = Object.values(object(projection, 'The field selection'))
  if (!lists.every((fields) => Array.isArray(fields) && fields.every((field) => typeof field === 'string'))) {
    throw new BundleInvalidError(`The field selection of compartment ${entry.handle} is malformed.`)
  }
}
