/** Opening a keyring file: a wrong secret, damage and a keyring of another vault are three different errors. */
import type { KeyObject } from 'node:crypto'
import { deriveCanaryKey, deriveVaultKek } from '../crypto/derive.ts'
import {
  DecryptionError,
  InvalidKeyError,
  KeyringCorruptError,
  KeyringExpiredError,
  TamperedError,
} from '../errors.ts'
import type { KeyringFile } from './keyring-file.ts'
import { openCanary, unwrapKey, VAULT_KEY_PURPOSE } from './wrap.ts'

export interface UnlockedKeys {
  readonly vaultUlid: string
  readonly kek: KeyObject
  readonly deks: Map<string, KeyObject>
  readonly vaultKey: KeyObject | null
}

const CANARY = 'canary'

/** `handle` is the ULID in `_meta/handle`, null where that row is missing. */
export function unlockKeyring(file: KeyringFile, master: KeyObject, handle: string | null): UnlockedKeys {
  const canary = tryOpen(() => openCanary(deriveCanaryKey(master, file.salt), file.user_id, file.canary))
  if (canary === null) throw wrongSecretOrDamage(file, master, handle)
  if (handle !== null && handle !== canary.vault_ulid)
    throw new TamperedError('The keyring belongs to another vault than the one it lies in.')
  const keys = unwrapAll(file, deriveVaultKek(master, canary.vault_ulid), canary.vault_ulid)
  if (keys.failed.length > 0)
    throw new KeyringCorruptError({ failedCollections: keys.failed, intactCount: keys.deks.size })
  return { vaultUlid: canary.vault_ulid, kek: keys.kek, deks: keys.deks, vaultKey: keys.vaultKey }
}

/** @throws KeyringExpiredError */
export function assertNotExpired(file: KeyringFile, now: number): void {
  const { expires_at: expiresAt, user_id: userId } = file
  if (expiresAt !== undefined && !(Date.parse(expiresAt) > now))
    throw new KeyringExpiredError({ userId, expiresAt })
}

/** Without a canary, one data key that opens shows that the secret was right. */
function wrongSecretOrDamage(file: KeyringFile, master: KeyObject, handle: string | null): Error {
  if (handle === null) return new InvalidKeyError()
  const { deks, failed } = unwrapAll(file, deriveVaultKek(master, handle), handle)
  if (deks.size === 0) return new InvalidKeyError()
  return new KeyringCorruptError({ failedCollections: [CANARY, ...failed], intactCount: deks.size })
}

function unwrapAll(file: KeyringFile, kek: KeyObject, vaultUlid: string) {
  const deks = new Map<string, KeyObject>()
  const failed: string[] = []
  for (const [collection, wrapped] of Object.entries(file.deks)) {
    const key = tryOpen(() => unwrapKey(kek, vaultUlid, collection, wrapped))
    if (key === null) failed.push(collection)
    else deks.set(collection, key)
  }
  const wrappedVaultKey = file.vault_key
  const vaultKey =
    wrappedVaultKey === undefined
      ? null
      : tryOpen(() => unwrapKey(kek, vaultUlid, VAULT_KEY_PURPOSE, wrappedVaultKey))
  if (wrappedVaultKey !== undefined && vaultKey === null) failed.push('vault_key')
  return { kek, deks, vaultKey, failed }
}

function tryOpen<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof DecryptionError) return null
    throw error
  }
}
