/** Wrapping of keys: AES-256-GCM, with the place of the key as associated data. */
import type { KeyObject } from 'node:crypto'
import { importKey, openBytes, sealBytes } from '../crypto/aead.ts'
import { DecryptionError } from '../errors.ts'

/** `purpose` is a collection name, or one of the constants below, which no collection can be named. */
export function wrapKey(kek: KeyObject, vaultUlid: string, purpose: string, key: KeyObject): string {
  return sealBytes(kek, key.export(), binding(vaultUlid, purpose)).toString('base64')
}

export const VAULT_KEY_PURPOSE = '/vault-key'
const CANARY_PURPOSE = '/canary'

/** @throws DecryptionError */
export function unwrapKey(kek: KeyObject, vaultUlid: string, purpose: string, wrapped: string): KeyObject {
  return importKey(openBytes(kek, Buffer.from(wrapped, 'base64'), binding(vaultUlid, purpose)))
}

/** What a canary says; only somebody with the user's secret can have written it. */
export interface Canary {
  readonly vault_ulid: string
  /** Every envelope of the vault must carry associated data. */
  readonly aad: 'required'
}

export function sealCanary(key: KeyObject, userId: string, canary: Canary): string {
  return sealBytes(key, JSON.stringify(canary), binding(userId, CANARY_PURPOSE)).toString('base64')
}

/** @throws DecryptionError */
export function openCanary(key: KeyObject, userId: string, sealed: string): Canary {
  const text = openBytes(key, Buffer.from(sealed, 'base64'), binding(userId, CANARY_PURPOSE)).toString('utf8')
  const { vault_ulid, aad } = JSON.parse(text) as Partial<Canary> // authenticated: we wrote it
  if (typeof vault_ulid !== 'string' || aad !== 'required') throw new DecryptionError()
  return { vault_ulid, aad }
}

function binding(scope: string, purpose: string): Buffer {
  return Buffer.from(JSON.stringify([scope, purpose]))
}
