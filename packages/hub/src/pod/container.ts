/**
 * The single-vault container, byte by byte (docs/bundle-format.md, section 1):
 *   "NDB1" | flags (1) | compression (1) | header length (uint32, big-endian) | header JSON | body
 * Lengths are compared with what is there and with the caps before anything is copied or parsed.
 */
import { createHash } from 'node:crypto'
import { BundleIntegrityError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { LongWork } from '../types/collection.ts'
import type { NoydbBundleHeader } from '../types/bundle.ts'
import { Slices } from '../transaction/slices.ts'
import { COMPRESSION_CODES, compress, compressionOfCode, type CompressionName } from './compression.ts'
import { parseHeader } from './header.ts'

const MAGIC = [0x4e, 0x44, 0x42, 0x31] // "NDB1"
const FLAG_COMPRESSED = 1
const FLAG_HASHED = 2
const PREFIX_BYTES = 10
const HASH_CHUNK = 1024 * 1024

export interface ContainerParts {
  readonly header: NoydbBundleHeader
  readonly compression: CompressionName
  /** Where the body starts; nothing behind it was looked at. */
  readonly bodyOffset: number
}

/** True for the four magic bytes; shorter input gives false. */
export function hasNoydbBundleMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => bytes[at] === byte)
}

/** Reads everything in front of the body. @throws BundleIntegrityError */
export function readContainerHead(bytes: Uint8Array): ContainerParts {
  if (!hasNoydbBundleMagic(bytes)) throw new BundleIntegrityError('These bytes are no bundle.')
  if (bytes.length < PREFIX_BYTES) throw new BundleIntegrityError('The bundle ends before its header.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const compression = readCompression(view.getUint8(4), view.getUint8(5))
  const headerBytes = view.getUint32(6)
  if (headerBytes > limits.bundleHeaderBytes) {
    throw new BundleIntegrityError(
      `The header claims ${headerBytes} bytes; at most ${limits.bundleHeaderBytes} fit.`,
    )
  }
  const bodyOffset = PREFIX_BYTES + headerBytes
  if (bytes.length < bodyOffset) throw new BundleIntegrityError('The bundle ends inside its header.')
  const header = parseHeader(decodeUtf8(bytes.subarray(PREFIX_BYTES, bodyOffset), 'The header'))
  return { header, compression, bodyOffset }
}

/** The flags repeat what the compression byte says, and every bundle has a hash. */
function readCompression(flags: number, code: number): CompressionName {
  const compression = compressionOfCode(code)
  const expected = FLAG_HASHED | (compression === 'none' ? 0 : FLAG_COMPRESSED)
  if (flags !== expected) throw new BundleIntegrityError(`The flags ${flags} do not fit the container.`)
  return compression
}

/** The body as it travels, after its length and its hash were checked. @throws BundleIntegrityError */
export async function verifiedBody(
  bytes: Uint8Array,
  head: ContainerParts,
  work?: LongWork,
): Promise<Uint8Array> {
  const body = bytes.subarray(head.bodyOffset)
  if (body.length !== head.header.bodyBytes) {
    throw new BundleIntegrityError(
      `The body has ${body.length} bytes; the header says ${head.header.bodyBytes}.`,
    )
  }
  if ((await hashInSlices(body, work)) !== head.header.bodySha256) {
    throw new BundleIntegrityError('The body does not have the hash the header states.')
  }
  return body
}

export type HeaderMembers = Omit<NoydbBundleHeader, 'formatVersion' | 'bodyBytes' | 'bodySha256'>

/** @throws BundleIntegrityError when what was made could not be read back under the limits. */
export async function encodeContainer(
  members: HeaderMembers,
  plainBody: Uint8Array,
  compression: CompressionName,
  work?: LongWork,
): Promise<Uint8Array> {
  if (plainBody.length > limits.bundleExpandedBytes) throw new BundleIntegrityError('The body is too large.')
  const body = await compress(plainBody, compression, 'sealed')
  const { handle, ...rest } = members
  const bodySha256 = await hashInSlices(body, work)
  const text = JSON.stringify({ formatVersion: 1, handle, bodyBytes: body.length, bodySha256, ...rest })
  parseHeader(text)
  return assemble(Buffer.from(text), body, compression)
}

function assemble(header: Uint8Array, body: Uint8Array, compression: CompressionName): Uint8Array {
  if (header.length > limits.bundleHeaderBytes) throw new BundleIntegrityError('The header is too large.')
  const bytes = new Uint8Array(PREFIX_BYTES + header.length + body.length)
  bytes.set(MAGIC)
  bytes[4] = FLAG_HASHED | (compression === 'none' ? 0 : FLAG_COMPRESSED)
  bytes[5] = COMPRESSION_CODES[compression]
  new DataView(bytes.buffer).setUint32(6, header.length)
  bytes.set(header, PREFIX_BYTES)
  bytes.set(body, PREFIX_BYTES + header.length)
  return bytes
}

async function hashInSlices(bytes: Uint8Array, work?: LongWork): Promise<string> {
  const hash = createHash('sha256')
  // Progress is told in records by the callers, not in bytes here.
  const slices = new Slices(work?.signal === undefined ? {} : { signal: work.signal })
  for (let at = 0; at < bytes.length; at += HASH_CHUNK) {
    hash.update(bytes.subarray(at, at + HASH_CHUNK))
    if (slices.due()) await slices.pause()
  }
  return hash.digest('hex')
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws BundleIntegrityError for bytes that are no UTF-8, or too many for one text. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw Object.assign(new BundleIntegrityError(`${what} is no UTF-8 text that fits in memory.`), { cause })
  }
}
