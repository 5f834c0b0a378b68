/** Keys below the master key: one per vault and purpose, by HKDF-SHA256. */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { KEY_BYTES } from './aead.ts'

/** Wraps the data keys of one vault. */
export function deriveVaultKek(master: KeyObject, vaultUlid: string): KeyObject {
  return derive(master, vaultUlid, 'noydb vault key-encryption key v1')
}

/**
 * Opens the canary of a keyring. It depends on the user alone, so that a wrong secret and a keyring
 * that was moved to another vault are told apart.
 */
export function deriveCanaryKey(master: KeyObject, userSalt: string): KeyObject {
  return derive(master, userSalt, 'noydb keyring canary v1')
}

function derive(master: KeyObject, salt: string, info: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', master, salt, info, KEY_BYTES)))
}
