/** Members that the files about surfaces share. */
import { z } from 'zod'
import { isCanonicalBase64, PublicKey, Signature } from '../identity/key-shapes.ts'
import { Name } from '../identity/shapes.ts'

export { Name, Signature }
export const Hash = z.string().regex(/^[0-9a-f]{64}$/)
/** Raw Ed25519 key. */
export const Key = PublicKey.refine(isCanonicalBase64)
export const Party = z.strictObject({ party: Name, publicKey: Key })
