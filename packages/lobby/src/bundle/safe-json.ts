/** JSON from outside: size, depth and member names are checked before anything looks inside. */
import { limits } from '@noy-db/hub'
import { BundleInvalidError } from '../errors.ts'

const DEPTH = limits.recordDepth

/** @throws BundleInvalidError, or the decoder's TypeError for bytes that are no UTF-8. */
export function parseOutsideJson(bytes: Uint8Array, maxBytes: number, what: string): unknown {
  if (bytes.length > maxBytes) throw new BundleInvalidError(`The ${what} has more than ${maxBytes} bytes.`)
  const value = parseText(decodeUtf8(bytes, what), what)
  checkShape(value, DEPTH, what)
  return value
}

function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    // The published container code lets the decoder's TypeError through; the class stays, a code is added.
    throw Object.assign(new TypeError(`The ${what} is not valid UTF-8.`, { cause }), {
      code: 'BUNDLE_INVALID',
    })
  }
}

function parseText(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new BundleInvalidError(`The ${what} is not valid JSON.`)
  }
}

function checkShape(value: unknown, depth: number, what: string): void {
  if (typeof value !== 'object' || value === null) return
  if (depth === 0) throw new BundleInvalidError(`The ${what} is nested deeper than ${DEPTH} levels.`)
  if (Object.hasOwn(value, '__proto__')) {
    throw new BundleInvalidError(`The ${what} has a member named __proto__.`)
  }
  for (const member of Object.values(value)) checkShape(member, depth - 1, what)
}
