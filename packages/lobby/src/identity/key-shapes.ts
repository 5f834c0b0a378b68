/** Public keys and signatures as they come from outside; apart, so that a verifier needs nothing else of us. */
import { z } from 'zod'

export const PublicKey = z.base64().length(44)
export const Signature = z.base64().length(88).refine(isCanonicalBase64)

/** The last characters of base64 have spare bits: two texts, one signature. Only one of them is taken. */
export function isCanonicalBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text
}
