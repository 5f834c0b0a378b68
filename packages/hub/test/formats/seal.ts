/** Sealing from the format description alone, with IVs that are given: the hub's own code is what this checks. */
import { createCipheriv, createDecipheriv } from 'node:crypto'

const TAG_BYTES = 16
const IV_BYTES = 12

/** IV, ciphertext, tag. */
export function sealWith(key: Uint8Array, iv: Uint8Array, plain: Uint8Array | string, aad?: string): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  if (aad !== undefined) cipher.setAAD(Buffer.from(aad))
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

export function openWith(key: Uint8Array, sealed: Uint8Array, aad?: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES))
  if (aad !== undefined) decipher.setAAD(Buffer.from(aad))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const body = sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES)
  return Buffer.concat([decipher.update(body), decipher.final()])
}

export type Ivs = () => Buffer

/** 1, 2, 3, … as the last four bytes. */
export function countingIvs(): Ivs {
  let count = 0
  return () => {
    const iv = Buffer.alloc(IV_BYTES)
    iv.writeUInt32BE((count += 1), IV_BYTES - 4)
    return iv
  }
}

/** `length` bytes that are easy to tell apart in a dump. */
export const bytesOf = (value: number, length = 32): Buffer => Buffer.alloc(length, value)
