/** What all forms of a key file have in common, as they come from outside. */
import { z } from 'zod'
import { limits } from '@noy-db/hub'
import { parseOutsideJson } from '../bundle/safe-json.ts'

/** Room for the largest manifest's compartments with their names. */
export const KEY_FILE_BYTES = limits.compartments * 1024
/** A key file inside another form of it, in base64. */
export const SEALED_KEY_FILE_CHARS = Math.ceil((KEY_FILE_BYTES * 4) / 3)

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
export const Name = z.string().min(1).max(limits.nameBytes)

/** Null for what is no JSON within the limits: whatever is wrong with it, the answer is the same. */
export function parseKeyJson(file: Uint8Array | string): unknown {
  const bytes = typeof file === 'string' ? Buffer.from(file, 'utf8') : file
  try {
    return parseOutsideJson(bytes, KEY_FILE_BYTES * 2, 'key file')
  } catch {
    return null
  }
}
