/**
 * AES-256-GCM over synchronous node:crypto. Keys are KeyObjects: importing the raw bytes on every
 * call costs about three times as much, and a KeyObject never shows its bytes in a log.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  randomBytes,
  randomFillSync,
  type KeyObject,
} from 'node:crypto'
import { DecryptionError } from '../errors.ts'
import { Scratch } from './scratch.ts'

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
export const KEY_BYTES = 32

/** A ciphertext as an envelope holds it: base64 IV (12 bytes), base64 ciphertext followed by the 16-byte tag. */
export interface Sealed {
  readonly iv: string
  readonly data: string
}

export function newKey(): KeyObject {
  return createSecretKey(randomBytes(KEY_BYTES))
}

/** @throws DecryptionError unless `bytes` is exactly 32 long. */
export function importKey(bytes: Uint8Array): KeyObject {
  if (bytes.length !== KEY_BYTES)
    throw new DecryptionError(`A key has ${KEY_BYTES} bytes, not ${bytes.length}.`)
  return createSecretKey(bytes)
}

// A random number costs a call to the system, whatever its length: IVs are cut from a block, each once.
const ivBlock = Buffer.alloc(IV_BYTES * 512)
const ivs = Array.from({ length: ivBlock.length / IV_BYTES }, (_, at) =>
  ivBlock.subarray(at * IV_BYTES, (at + 1) * IV_BYTES),
)
let ivsUsed = ivs.length

/** Good until the next call. */
function nextIv(): Buffer {
  if (ivsUsed === ivs.length) {
    randomFillSync(ivBlock)
    ivsUsed = 0
  }
  return ivs[ivsUsed++] as Buffer // below the length
}

const ivScratch = new Scratch()
const bodyScratch = new Scratch()

interface Encrypted {
  /** Good until the next row is sealed. */
  readonly iv: Buffer
  readonly body: Buffer
  readonly tag: Buffer
}

function encrypt(key: KeyObject, plaintext: Uint8Array | string, aad: Uint8Array | undefined): Encrypted {
  const iv = nextIv()
  const cipher = createCipheriv(ALGORITHM, key, iv)
  if (aad !== undefined) cipher.setAAD(aad)
  const body = typeof plaintext === 'string' ? cipher.update(plaintext, 'utf8') : cipher.update(plaintext)
  cipher.final() // in this mode nothing is left to give
  return { iv, body, tag: cipher.getAuthTag() }
}

/** IV, ciphertext, tag in one run of bytes. */
export function sealBytes(key: KeyObject, plaintext: Uint8Array | string, aad?: Uint8Array): Buffer {
  const { iv, body, tag } = encrypt(key, plaintext, aad)
  return Buffer.concat([iv, body, tag])
}

/** Opens what `sealBytes` made: IV, ciphertext, tag in one run of bytes. @throws DecryptionError */
export function openBytes(key: KeyObject, sealed: Uint8Array, aad?: Uint8Array): Buffer {
  if (sealed.length < IV_BYTES + TAG_BYTES) throw new DecryptionError()
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length)
  return openParts(key, bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES), aad)
}

export function seal(key: KeyObject, plaintext: Uint8Array | string, aad?: Uint8Array): Sealed {
  const { iv, body, tag } = encrypt(key, plaintext, aad)
  return { iv: iv.toString('base64'), data: bodyScratch.joined(body, tag).toString('base64') }
}

/** @throws DecryptionError when the key, the IV, the ciphertext or the associated data do not belong together. */
export function open(key: KeyObject, sealed: Sealed, aad?: Uint8Array): Buffer {
  const iv = ivScratch.bytesOf(sealed.iv, 'base64')
  return openParts(key, iv, bodyScratch.bytesOf(sealed.data, 'base64'), aad)
}

function openParts(key: KeyObject, iv: Buffer, body: Buffer, aad?: Uint8Array): Buffer {
  if (iv.length !== IV_BYTES || body.length < TAG_BYTES) throw new DecryptionError()
  const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES })
  decipher.setAuthTag(body.subarray(body.length - TAG_BYTES))
  if (aad !== undefined) decipher.setAAD(aad)
  try {
    const plaintext = decipher.update(body.subarray(0, body.length - TAG_BYTES))
    decipher.final() // checks the tag; in this mode nothing is left to give
    return plaintext
  } catch (cause) {
    throw Object.assign(new DecryptionError(), { cause })
  }
}
