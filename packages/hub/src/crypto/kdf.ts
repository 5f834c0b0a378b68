/** From a secret to a user's master key: Argon2id on the thread pool, with its cost bounded on the way in. */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
// Argon2id is the library's default; its enum cannot be named where types are only stripped.
import { hashRaw } from '@node-rs/argon2'
import { ValidationError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { KdfParameters } from '../types/vault.ts'

export const DEFAULT_KDF: KdfParameters = { memoryKiB: 65_536, passes: 3, parallelism: 1 }
const SALT_BYTES = 16
const MIN_SALT_BYTES = 8
const MIN_MEMORY_KIB_PER_LANE = 8

/** How a user's master key is derived; the same in `_salts` and in every keyring file of that user. */
export interface SaltRow {
  /** Base64. */
  readonly salt: string
  readonly kdf: KdfParameters
}

let derivations = 0

/** Derivations since this module was loaded, for tests that count them. */
export function countDerivations(): number {
  return derivations
}

export function newSaltRow(kdf: KdfParameters): SaltRow {
  return { salt: randomBytes(SALT_BYTES).toString('base64'), kdf }
}

/** Reads salt and parameters from stored data, which may come from anywhere. @throws ValidationError beyond the caps. */
export function parseSaltRow(value: { salt?: unknown; kdf?: unknown }): SaltRow {
  const { salt, kdf } = value
  if (typeof salt !== 'string' || Buffer.from(salt, 'base64').length < MIN_SALT_BYTES)
    throw new ValidationError('The salt of the key derivation is missing or too short.')
  if (typeof kdf !== 'object' || kdf === null)
    throw new ValidationError('The key derivation parameters are missing.')
  const { memoryKiB, passes, parallelism } = kdf as Partial<Record<keyof KdfParameters, unknown>> // checked next
  const lanes = wholeNumber('parallelism', parallelism, 1, limits.kdfParallelism)
  return {
    salt,
    kdf: {
      memoryKiB: wholeNumber('memoryKiB', memoryKiB, MIN_MEMORY_KIB_PER_LANE * lanes, limits.kdfMemoryKiB),
      passes: wholeNumber('passes', passes, 1, limits.kdfPasses),
      parallelism: lanes,
    },
  }
}

export function isSameSalt(left: SaltRow, right: SaltRow): boolean {
  const costs = (['memoryKiB', 'passes', 'parallelism'] as const).every(
    (name) => left.kdf[name] === right.kdf[name],
  )
  return costs && left.salt === right.salt
}

export async function deriveMaster(secret: string, { salt, kdf }: SaltRow): Promise<KeyObject> {
  derivations += 1
  const bytes = await hashRaw(secret, {
    salt: Buffer.from(salt, 'base64'),
    memoryCost: kdf.memoryKiB,
    timeCost: kdf.passes,
    parallelism: kdf.parallelism,
    outputLen: 32,
  })
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return key
}

function wholeNumber(name: string, value: unknown, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw new ValidationError(`Key derivation: ${name} is a whole number from ${min} to ${max}.`)
}
