/**
 * The keyring file `_keyring/<userId>`: plain JSON around wrapped keys. What it says in clear (role, permissions,
 * capabilities, expiry) is signed, see `seal.ts`; what it wraps is under its user's own key for the vault.
 */
import { KeyringCorruptError } from '../errors.ts'
import { parseSaltRow, type SaltRow } from '../crypto/kdf.ts'
import type { Capability, Permissions, Role } from '../types/access.ts'
import type { EncryptedEnvelope, NoydbStore } from '../types/store.ts'
import type { KdfParameters } from '../types/vault.ts'
import { ROLES } from './roles.ts'

export const KEYRING = '_keyring'

/** Which of a vault's two signing keys: the owner's may sign everything, the admin's all but owners and custodians. */
export type Authority = 'owner' | 'admin'

export interface Seal {
  readonly by: Authority
  /** Base64, Ed25519. */
  readonly signature: string
}

/** Keys that changed after the file was written, in a box that its user alone can open. */
export interface Delivery extends Seal {
  readonly generation: number
  readonly box: string
}

export interface KeyringFile {
  readonly _noydb_keyring: 1
  readonly user_id: string
  readonly display_name: string
  readonly role: Role
  readonly permissions: Permissions
  /** Collection -> data key under this user's key for the vault; base64. */
  readonly deks: Readonly<Record<string, string>>
  /** Roles that read everything: the key over `_deks`, wrapped the same way. */
  readonly vault_key?: string
  readonly salt: string
  readonly kdf: KdfParameters
  /** Sealed: the vault's ULID, that its envelopes carry associated data, and the vault's signing keys. */
  readonly canary: string
  readonly created_at: string
  readonly granted_by: string
  readonly export_capability?: Capability
  readonly import_capability?: Capability
  readonly expires_at?: string
  /** Of the keys in this file; absent = 1. Each rotation begins a new one. */
  readonly generation?: number
  /** X25519, base64: where a rotation seals new keys to; and its secret half, wrapped. */
  readonly box_key?: string
  readonly box_secret?: string
  /** Owner: both signing seeds; admin: the admin's. Wrapped. */
  readonly signing?: { readonly owner?: string; readonly admin?: string }
  /** The deed's owner, who holds no data keys. */
  readonly latent?: true
  /** Absent in files of the first format, which only a vault's first owner has. */
  readonly seal?: Seal
  readonly delivery?: Delivery
}

export interface StoredKeyring {
  readonly file: KeyringFile
  readonly version: number
}

/** Null when the user has none. @throws KeyringCorruptError */
export async function readKeyring(
  store: NoydbStore,
  vault: string,
  userId: string,
): Promise<StoredKeyring | null> {
  const envelope = await store.get(vault, KEYRING, userId)
  return envelope === null ? null : { file: parseKeyringFile(envelope), version: envelope._v }
}

/** @throws KeyringCorruptError when the row is no keyring file. */
export function parseKeyringFile(envelope: EncryptedEnvelope): KeyringFile {
  const file = parseObject(envelope._data)
  if (file === null || !isKeyringFile(file)) throw damaged()
  return { ...file, ...saltOf(file) }
}

export function keyringEnvelope(file: KeyringFile, version: number, ts: string): EncryptedEnvelope {
  return { _noydb: 1, _v: version, _ts: ts, _by: file.user_id, _iv: '', _data: JSON.stringify(file) }
}

export function generationOf({ delivery, generation }: KeyringFile): number {
  return delivery?.generation ?? generation ?? 1
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null // not JSON at all: reported by the caller as damage
  }
}

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isGeneration: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 1
const isAuthority: Check = (value) => value === 'owner' || value === 'admin'
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const members =
  (checks: Record<string, Check>): Check =>
  (value) =>
    isObject(value) && Object.entries(checks).every(([name, check]) => check(value[name]))
const everyMember =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check)

const isCapability = members({
  plaintext: optional((value) => Array.isArray(value) && value.every(isText)),
  bundle: optional((value) => typeof value === 'boolean'),
})
const SEAL = { by: isAuthority, signature: isText }

const isFile = members({
  _noydb_keyring: (value) => value === 1,
  user_id: isText,
  display_name: isText,
  role: (value) => ROLES.some((role) => role === value),
  permissions: everyMember((value) => value === 'rw' || value === 'ro'),
  deks: everyMember(isText),
  vault_key: optional(isText),
  canary: isText,
  created_at: isText,
  granted_by: isText,
  export_capability: optional(isCapability),
  import_capability: optional(isCapability),
  expires_at: optional(isText),
  generation: optional(isGeneration),
  box_key: optional(isText),
  box_secret: optional(isText),
  signing: optional(members({ owner: optional(isText), admin: optional(isText) })),
  latent: optional((value) => value === true),
  seal: optional(members(SEAL)),
  delivery: optional(members({ ...SEAL, generation: isGeneration, box: isText })),
})

function isKeyringFile(file: Record<string, unknown>): file is Record<string, unknown> & KeyringFile {
  return isFile(file)
}

function saltOf(file: KeyringFile): SaltRow {
  try {
    return parseSaltRow(file)
  } catch (cause) {
    throw Object.assign(damaged(), { cause })
  }
}

function damaged(): KeyringCorruptError {
  return new KeyringCorruptError({
    failedCollections: [],
    intactCount: 0,
    message: 'The keyring file cannot be read.',
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
