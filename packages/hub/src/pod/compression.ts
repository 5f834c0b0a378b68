/** Bodies as they travel. Runs on the thread pool; expansion stops at a cap, whatever the body claims. */
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants, gunzip, gzip } from 'node:zlib'
import { BundleIntegrityError } from '../errors.ts'
import type { BundleCompression } from '../types/bundle.ts'

/** The byte of the container that names the compression. */
export const COMPRESSION_CODES = { none: 0, gzip: 1, brotli: 2 } as const
export type CompressionName = keyof typeof COMPRESSION_CODES

/**
 * `sealed`: base64 of ciphertext, where levels above these cost several times as much for about 1 %.
 * `text`: records before they are sealed; a third smaller than at level 1, off the main loop.
 */
const LEVELS = { sealed: { gzip: 1, brotli: 1 }, text: { gzip: 6, brotli: 4 } }

/** How much is inflated between two turns of the loop. */
const PIECE = 128 * 1024

/** Every runtime we run in has brotli; gzip is for readers that ask for it. */
export function chooseCompression(asked: BundleCompression = 'auto'): CompressionName {
  return asked === 'auto' ? 'brotli' : asked
}

/** @throws BundleIntegrityError for a code that names nothing. */
export function compressionOfCode(code: number): CompressionName {
  if (code === COMPRESSION_CODES.none) return 'none'
  if (code === COMPRESSION_CODES.gzip) return 'gzip'
  if (code === COMPRESSION_CODES.brotli) return 'brotli'
  throw new BundleIntegrityError(`The container names an unknown compression (${code}).`)
}

export async function compress(
  bytes: Uint8Array,
  how: CompressionName,
  content: keyof typeof LEVELS,
): Promise<Uint8Array> {
  if (how === 'none') return bytes
  const level = LEVELS[content]
  if (how === 'gzip') return promisify(gzip)(bytes, { level: level.gzip, chunkSize: PIECE })
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: level.brotli,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  return promisify(brotliCompress)(bytes, { params, chunkSize: PIECE })
}

/** @throws BundleIntegrityError when the bytes do not expand, or expand beyond `maxBytes`. */
export async function expand(bytes: Uint8Array, how: CompressionName, maxBytes: number): Promise<Uint8Array> {
  if (bytes.length > maxBytes && how === 'none') throw tooLarge(maxBytes)
  if (how === 'none') return bytes
  const inflate = how === 'gzip' ? promisify(gunzip) : promisify(brotliDecompress)
  try {
    return await inflate(bytes, { maxOutputLength: maxBytes, chunkSize: PIECE })
  } catch (cause) {
    const error = isTooLarge(cause)
      ? tooLarge(maxBytes)
      : new BundleIntegrityError('The body does not expand.')
    throw Object.assign(error, { cause })
  }
}

function tooLarge(maxBytes: number): BundleIntegrityError {
  return new BundleIntegrityError(`The body expands to more than ${maxBytes} bytes.`)
}

function isTooLarge(cause: unknown): boolean {
  return cause instanceof RangeError && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE'
}
