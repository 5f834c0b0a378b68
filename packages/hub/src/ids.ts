/** Identifiers, digests and dotted paths. */
import { createHash } from 'node:crypto'
import { monotonicFactory } from 'ulid'

const nextULID = monotonicFactory()

/** 26 characters of Crockford base32, time first; later calls sort after earlier ones within this process. */
export function generateULID(): string {
  return nextULID()
}

/** 64 lowercase hex characters. */
export function sha256Hex(bytes: Uint8Array): Promise<string> {
  return Promise.resolve(createHash('sha256').update(bytes).digest('hex'))
}

/** Reads `a.b.c` through own properties only: a field name never reaches a prototype. */
export function readPath(record: unknown, path: string): unknown {
  let value = record
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step] // an own property of an object, checked above
  }
  return value
}
