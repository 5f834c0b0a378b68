/** Opening a keyring file: a wrong secret, damage, tampering and expiry are four different errors. */
import type { KeyObject } from 'node:crypto'
import { importKey } from '../crypto/aead.ts'
import { openBox } from '../crypto/curve25519.ts'
import { deriveCanaryKey, deriveVaultKek } from '../crypto/derive.ts'
import {
  DecryptionError,
  InvalidKeyError,
  KeyringCorruptError,
  KeyringExpiredError,
  TamperedError,
} from '../errors.ts'
import { generationOf, type KeyringFile } from './keyring-file.ts'
import { readsEverything } from './roles.ts'
import { deliveryContext, isSealed, type AuthorityKeys, type SigningSeeds } from './seal.ts'
import { LASTING, openCanary, unwrapKey, VAULT_KEY_PURPOSE, type Canary, type WrapScope } from './wrap.ts'

export interface UnlockedKeys {
  readonly vaultUlid: string
  readonly generation: number
  readonly kek: KeyObject
  readonly canaryKey: KeyObject
  readonly deks: Map<string, KeyObject>
  readonly vaultKey: KeyObject | null
  /** Null for a file of the first format. */
  readonly authority: AuthorityKeys | null
  readonly seeds: SigningSeeds
}

/** What opens a file without its user's master key: a session keeps it to take over rotated keys. */
type FileOpener = Pick<UnlockedKeys, 'kek' | 'canaryKey' | 'vaultUlid'>

export interface UnlockInput {
  readonly file: KeyringFile
  readonly master: KeyObject
  /** The ULID in `_meta/handle`, null where that row is missing. */
  readonly handle: string | null
  /** Milliseconds since the epoch. */
  readonly now: number
}

export function unlockKeyring({ file, master, handle, now }: UnlockInput): UnlockedKeys {
  const canaryKey = deriveCanaryKey(master, file.salt)
  const canary = canaryOf(file, canaryKey)
  if (canary === null) throw wrongSecretOrDamage(file, master, handle)
  if (handle !== null && handle !== canary.vault_ulid)
    throw new TamperedError('The keyring belongs to another vault than the one it lies in.')
  const kek = deriveVaultKek(master, canary.vault_ulid)
  return openWith(file, { kek, canaryKey, vaultUlid: canary.vault_ulid }, canary, now)
}

/** A file written since the session unlocked an earlier one. @throws InvalidKeyError when the secret has changed, too */
export function reopen(file: KeyringFile, opener: FileOpener, now: number): UnlockedKeys {
  const canary = canaryOf(file, opener.canaryKey)
  if (canary === null) throw new InvalidKeyError()
  return openWith(file, opener, canary, now)
}

function openWith(
  file: KeyringFile,
  { kek, canaryKey, vaultUlid }: FileOpener,
  canary: Canary,
  now: number,
): UnlockedKeys {
  const authority = canary.authority ?? null
  assertGenuine(file, vaultUlid, authority)
  assertNotExpired(file, now)
  const keys = unwrapAll(file, kek, vaultUlid)
  if (keys.vaultKey === null && readsEverything(file.role) && file.latent !== true)
    keys.failed.add('vault_key')
  const failedCollections = [...keys.failed]
  if (failedCollections.length > 0)
    throw new KeyringCorruptError({ failedCollections, intactCount: keys.deks.size })
  const { deks, vaultKey, seeds } = keys
  return { vaultUlid, generation: generationOf(file), kek, canaryKey, deks, vaultKey, authority, seeds }
}

/** Whether this master key is that of the file's user. */
export function opensCanary(file: KeyringFile, master: KeyObject, salt: string): boolean {
  return canaryOf(file, deriveCanaryKey(master, salt)) !== null
}

export function isExpired({ expires_at: expiresAt }: KeyringFile, now: number): boolean {
  return expiresAt !== undefined && !(Date.parse(expiresAt) > now)
}

function assertNotExpired(file: KeyringFile, now: number): void {
  const { expires_at: expiresAt = '', user_id: userId } = file
  if (isExpired(file, now)) throw new KeyringExpiredError({ userId, expiresAt })
}

function assertGenuine(file: KeyringFile, vaultUlid: string, authority: AuthorityKeys | null): void {
  const genuine = authority === null ? isFirstFormat(file) : isSealed(file, { vaultUlid, authority })
  if (!genuine) throw new TamperedError(`The keyring of ${file.user_id} was changed outside this program.`)
}

/** Before files were signed there was nothing to grant: such a file can only be a vault's first owner's. */
function isFirstFormat(file: KeyringFile): boolean {
  return (
    file.role === 'owner' &&
    file.granted_by === file.user_id &&
    file.export_capability === undefined &&
    file.import_capability === undefined &&
    file.expires_at === undefined &&
    file.delivery === undefined &&
    file.latent === undefined
  )
}

function canaryOf(file: KeyringFile, key: KeyObject): Canary | null {
  return tryOpen(() => openCanary(key, file.user_id, file.canary))
}

/** Without a canary, one data key that opens shows that the secret was right. */
function wrongSecretOrDamage(file: KeyringFile, master: KeyObject, handle: string | null): Error {
  if (handle === null) return new InvalidKeyError()
  const { deks, failed } = unwrapAll(file, deriveVaultKek(master, handle), handle)
  if (deks.size === 0) return new InvalidKeyError()
  return new KeyringCorruptError({ failedCollections: [CANARY, ...failed], intactCount: deks.size })
}

const CANARY = 'canary'

interface Unwrapped {
  readonly deks: Map<string, KeyObject>
  vaultKey: KeyObject | null
  readonly seeds: { owner?: KeyObject; admin?: KeyObject }
  readonly failed: Set<string>
}

function unwrapAll(file: KeyringFile, kek: KeyObject, vaultUlid: string): Unwrapped {
  const scope: WrapScope = { vaultUlid, generation: generationOf(file) }
  const failed = new Set<string>()
  const unwrap = (what: string, purpose: string, wrapped: string | undefined): KeyObject | undefined => {
    if (wrapped === undefined) return undefined
    const key = tryOpen(() => unwrapKey(kek, scope, purpose, wrapped))
    if (key === null) failed.add(what)
    return key ?? undefined
  }
  const deks = new Map<string, KeyObject>()
  for (const [collection, wrapped] of Object.entries(file.deks)) {
    const key = unwrap(collection, collection, wrapped)
    if (key !== undefined) deks.set(collection, key)
  }
  const vaultKey = unwrap('vault_key', VAULT_KEY_PURPOSE, file.vault_key) ?? null
  const owner = unwrap('signing', LASTING.owner, file.signing?.owner)
  const admin = unwrap('signing', LASTING.admin, file.signing?.admin)
  const box = unwrap('box_secret', LASTING.box, file.box_secret)
  const seeds = { ...(owner !== undefined && { owner }), ...(admin !== undefined && { admin }) }
  const unwrapped: Unwrapped = { deks, vaultKey, seeds, failed }
  if (file.delivery !== undefined && box !== undefined) takeDelivery(file, box, vaultUlid, unwrapped)
  return unwrapped
}

/** What a rotation puts into a box. */
export interface Delivered {
  /** Base64. */
  readonly deks: Readonly<Record<string, string>>
  readonly vaultKey?: string
}

function takeDelivery(file: KeyringFile, box: KeyObject, vaultUlid: string, into: Unwrapped): void {
  const { delivery, user_id: userId } = file
  if (delivery === undefined) return
  const context = deliveryContext(vaultUlid, userId, delivery.generation)
  const text = tryOpen(() => openBox(box, delivery.box, context))
  if (text === null) {
    into.failed.add('delivery')
    return
  }
  const { deks, vaultKey } = JSON.parse(text) as Delivered // its box is signed: one of us wrote it
  for (const [collection, key] of Object.entries(deks)) into.deks.set(collection, keyFrom(key))
  if (vaultKey !== undefined) into.vaultKey = keyFrom(vaultKey)
}

function keyFrom(base64: string): KeyObject {
  return importKey(Buffer.from(base64, 'base64'))
}

function tryOpen<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof DecryptionError) return null
    throw error
  }
}
