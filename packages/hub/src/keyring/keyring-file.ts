/** The keyring file `_keyring/<userId>`: plain JSON around wrapped keys. */
import { KeyringCorruptError } from '../errors.ts'
import { parseSaltRow, type SaltRow } from '../crypto/kdf.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import type { KdfParameters, Permissions, Role } from '../types/vault.ts'
import { ROLES } from './roles.ts'

export const KEYRING = '_keyring'

export interface Capability {
  readonly plaintext?: readonly string[]
  readonly bundle?: boolean
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
  /** Sealed: the vault's ULID and that its envelopes carry associated data. */
  readonly canary: string
  readonly created_at: string
  readonly granted_by: string
  readonly export_capability?: Capability
  readonly import_capability?: Capability
  readonly expires_at?: string
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

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null // not JSON at all: reported by the caller as damage
  }
}

function isKeyringFile(file: Record<string, unknown>): file is Record<string, unknown> & KeyringFile {
  return (
    file._noydb_keyring === 1 &&
    typeof file.user_id === 'string' &&
    typeof file.canary === 'string' &&
    ROLES.some((role) => role === file.role) &&
    isObject(file.permissions) &&
    isObject(file.deks) &&
    Object.values(file.deks).every((wrapped) => typeof wrapped === 'string') &&
    (file.vault_key === undefined || typeof file.vault_key === 'string')
  )
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
