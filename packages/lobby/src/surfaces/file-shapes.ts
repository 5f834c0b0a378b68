/** What the files about surfaces share: how they are read, and members of them. */
import { z } from 'zod'
import { parseOutsideJson } from '../bundle/safe-json.ts'
import { isCanonicalBase64, PublicKey, Signature } from '../identity/key-shapes.ts'
import { Name, Taken } from '../identity/shapes.ts'
import { refusal } from './refusal.ts'

export { Name, Signature, Taken }
export const Hash = z.string().regex(/^[0-9a-f]{64}$/)
/** Raw Ed25519 key. */
export const Key = PublicKey.refine(isCanonicalBase64)
export const Party = z.strictObject({ party: Name, publicKey: Key })
/** Somebody who has signed. */
export type PartyKey = z.infer<typeof Party>

/** @throws LobbyError SURFACE_FILE_INVALID, whatever is wrong with it */
export function readSurfaceFile<Shape extends z.ZodType>(
  file: Uint8Array | string,
  shape: Shape,
  { what, maxBytes }: { readonly what: string; readonly maxBytes: number },
): z.output<Shape> {
  const bytes = typeof file === 'string' ? Buffer.from(file, 'utf8') : file
  const parsed = shape.safeParse(parseOrNull(bytes, maxBytes, what))
  if (!parsed.success) throw refusal('SURFACE_FILE_INVALID', what)
  return parsed.data
}

function parseOrNull(bytes: Uint8Array, maxBytes: number, what: string): unknown {
  try {
    return parseOutsideJson(bytes, maxBytes, what)
  } catch {
    return null // no shape fits it
  }
}
