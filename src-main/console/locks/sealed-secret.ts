/**
 * The workspace secret under a passphrase, or under a recovery code. The passphrase pays for one Argon2id; a code has
 * 160 random bits, which nobody tries out, so HKDF is enough for it.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
// Argon2id is the library's default; its enum cannot be named where types are only stripped.
import { hashRaw } from '@node-rs/argon2'
import type { KdfParameters } from '@noy-db/hub'
import { z } from 'zod'
import { limits } from '@noy-db/hub'

const base64 = (bytes: number) => z.string().max(4 * Math.ceil(bytes / 3))

const sealed = { salt: base64(64), iv: base64(12), data: base64(1024) }
const memoryKiB = z.number().int().min(8).max(limits.kdfMemoryKiB)
const passes = z.number().int().min(1).max(limits.kdfPasses)
const parallelism = z.number().int().min(1).max(limits.kdfParallelism)

/** Parameters come from the file, so their cost is capped before they are used. */
export const passphraseSeal = z.object({ ...sealed, kdf: z.object({ memoryKiB, passes, parallelism }) })
export const codeSeal = z.object({ ...sealed, createdAt: z.string().max(64) })
export type PassphraseSeal = z.infer<typeof passphraseSeal>
export type CodeSeal = z.infer<typeof codeSeal>

type Purpose = 'passphrase' | 'recovery'

export async function sealUnderPassphrase(
  secret: string,
  passphrase: string,
  kdf: KdfParameters,
): Promise<PassphraseSeal> {
  const salt = randomBytes(16)
  const key = await stretch(passphrase, salt, kdf)
  return { ...seal('passphrase', key, secret), salt: salt.toString('base64'), kdf }
}

/** Null where it is another passphrase, or the seal was altered. */
export async function openWithPassphrase(from: PassphraseSeal, passphrase: string): Promise<string | null> {
  const key = await stretch(passphrase, Buffer.from(from.salt, 'base64'), from.kdf)
  return open('passphrase', key, from)
}

export function sealUnderCode(secret: string, code: Uint8Array, createdAt: string): CodeSeal {
  const salt = randomBytes(16)
  return { ...seal('recovery', codeKey(code, salt), secret), salt: salt.toString('base64'), createdAt }
}

/** Null where it is another code, or the seal was altered. */
export function openWithCode(from: CodeSeal, code: Uint8Array): string | null {
  return open('recovery', codeKey(code, Buffer.from(from.salt, 'base64')), from)
}

function stretch(passphrase: string, salt: Uint8Array, kdf: KdfParameters): Promise<Uint8Array> {
  return hashRaw(passphrase, {
    salt,
    memoryCost: kdf.memoryKiB,
    timeCost: kdf.passes,
    parallelism: kdf.parallelism,
    outputLen: 32,
  })
}

function codeKey(code: Uint8Array, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', code, salt, 'lobby-console/recovery-code/1', 32))
}

/** What it is a seal of is authenticated: one cannot stand in the place of the other. */
const binding = (purpose: Purpose): Buffer => Buffer.from(`lobby-console/workspace-secret/1/${purpose}`)

function seal(purpose: Purpose, key: Uint8Array, secret: string): { iv: string; data: string } {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(binding(purpose))
  const data = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
  key.fill(0)
  return { iv: iv.toString('base64'), data: data.toString('base64') }
}

const tagBytes = 16

function open(purpose: Purpose, key: Uint8Array, from: { iv: string; data: string }): string | null {
  const data = Buffer.from(from.data, 'base64')
  const iv = Buffer.from(from.iv, 'base64')
  if (data.length < tagBytes || iv.length !== 12) return null
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
  decipher.setAAD(binding(purpose)).setAuthTag(data.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(data.subarray(0, -tagBytes)), decipher.final()]).toString('utf8')
  } catch {
    return null // the tag does not fit: another key, or altered bytes; nothing says which
  } finally {
    key.fill(0)
  }
}
