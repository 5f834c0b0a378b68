/**
 * The start of a body of format 2 (docs/bundle-format.md, section 4):
 *   "NDP2" | head length (uint32, big-endian) | head JSON | sealed directory | sections
 * The head is clear, and bound to everything sealed behind it.
 */
import { BundleIntegrityError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { COMPRESSION_CODES, type CompressionName } from '../compression.ts'
import { decodeUtf8 } from '../container.ts'
import { own, readOneOf, readText, readWhole, refuseOtherMembers } from '../fields.ts'
import { NAME_CHARS } from '../row-rules.ts'
import { parseUntrustedObject } from '../untrusted-json.ts'

const MAGIC = [0x4e, 0x44, 0x50, 0x32] // "NDP2"
const PREFIX_BYTES = 8
const MEMBERS = ['sealId', 'exchangeId', 'handle', 'compression', 'directoryBytes']
const COMPRESSIONS = Object.keys(COMPRESSION_CODES) as CompressionName[] // the keys of that constant

/** What every sealed part of the body is bound to. */
export interface Binding {
  readonly sealId: string
  /** Null where no exchange was named. */
  readonly exchangeId: string | null
  /** Of the container. */
  readonly handle: string
  readonly compression: CompressionName
}

export interface Body2Head extends Binding {
  readonly directoryBytes: number
  /** Where the directory starts. */
  readonly offset: number
}

export function isBody2(body: Uint8Array): boolean {
  return MAGIC.every((byte, at) => body[at] === byte)
}

export function encodeHead(binding: Binding, directoryBytes: number): Buffer {
  const { sealId, exchangeId, handle, compression } = binding
  const text = Buffer.from(JSON.stringify({ sealId, exchangeId, handle, compression, directoryBytes }))
  const prefix = Buffer.alloc(PREFIX_BYTES)
  prefix.set(MAGIC)
  prefix.writeUInt32BE(text.length, 4)
  return Buffer.concat([prefix, text])
}

/** @throws BundleIntegrityError */
export function readHead(body: Uint8Array): Body2Head {
  if (body.length < PREFIX_BYTES) throw new BundleIntegrityError('The body ends before its head.')
  const length = new DataView(body.buffer, body.byteOffset).getUint32(4)
  if (length > limits.partitionHeadBytes) throw new BundleIntegrityError('The head of the body is too long.')
  const offset = PREFIX_BYTES + length
  if (offset > body.length) throw new BundleIntegrityError('The body ends inside its head.')
  const head = parseUntrustedObject(
    decodeUtf8(body.subarray(PREFIX_BYTES, offset), 'The head'),
    'The head',
    1,
  )
  refuseOtherMembers(head, MEMBERS, 'The head of the body')
  return {
    sealId: readText(head, 'sealId', NAME_CHARS),
    exchangeId: own(head, 'exchangeId') === null ? null : readText(head, 'exchangeId', NAME_CHARS),
    handle: readText(head, 'handle', NAME_CHARS),
    compression: readOneOf(head, 'compression', COMPRESSIONS),
    directoryBytes: readWhole(head, 'directoryBytes', 1, limits.partitionDirectoryBytes),
    offset,
  }
}

/** Associated data, without spaces, as `JSON.stringify` writes it. */
export function bindingData(
  { sealId, exchangeId, handle, compression }: Binding,
  place: readonly unknown[],
): Buffer {
  const label = 'noydb partition body 2'
  return Buffer.from(JSON.stringify([label, sealId, exchangeId, handle, compression, ...place]))
}
