/** Members that sender blocks, cards and files of agreements have in common, as they come from outside. */
import { z } from 'zod'
import { limits } from '@noy-db/hub'

export { PublicKey, Signature } from './key-shapes.ts'

/** Body formats of partitions this program reads. */
export const READ_BODY_FORMATS: readonly number[] = [1, 2]

export const Name = z.string().min(1).max(limits.nameBytes)
/** Exchange ids of the receiver's messages that stand at whoever signs. */
export const Taken = z.array(Name).max(200).optional()
/** Formats we have not heard of are listed, too, by programs that come after us. */
export const BodyFormats = z.array(z.int().min(1).max(255)).max(16)
