/** Members that sender blocks and cards have in common, as they come from outside. */
import { z } from 'zod'
import { limits } from '@noy-db/hub'

/** Body formats of partitions this program reads. */
export const READ_BODY_FORMATS: readonly number[] = [1, 2]

export const Name = z.string().min(1).max(limits.nameBytes)
export const PublicKey = z.base64().length(44)
/** Formats we have not heard of are listed, too, by programs that come after us. */
export const BodyFormats = z.array(z.int().min(1).max(255)).max(16)
export const Signature = z.base64().length(88).refine(isCanonicalBase64)

/** The last characters of base64 have spare bits: two texts, one signature. Only one of them is taken. */
export function isCanonicalBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text
}
