/** Wrapping of keys: AES-256-GCM, with the place of the key as associated data. */
import type { KeyObject } from 'node:crypto'
import { importKey, openBytes, sealBytes } from '../crypto/aead.ts'
import { DecryptionError } from '../errors.ts'
import type { AuthorityKeys } from './seal.ts'

export interface WrapScope {
  readonly vaultUlid: string
  /** Of the keys; a wrap of an earlier one does not pass for a later. */
  readonly generation: number
}

/** Besides collection names, and what no collection can be named. Those of a generation are bound to it. */
export const VAULT_KEY_PURPOSE = '/vault-key'
const CANARY_PURPOSE = '/canary'
/** Kept over rotations. */
export const LASTING = { box: '/box', owner: '/owner-signing', admin: '/admin-signing' } as const
const LASTING_PURPOSES: ReadonlySet<string> = new Set(Object.values(LASTING))

export function wrapKey(kek: KeyObject, scope: WrapScope, purpose: string, key: KeyObject): string {
  return sealBytes(kek, key.export(), keyBinding(scope, purpose)).toString('base64')
}

/** @throws DecryptionError */
export function unwrapKey(kek: KeyObject, scope: WrapScope, purpose: string, wrapped: string): KeyObject {
  return importKey(openBytes(kek, Buffer.from(wrapped, 'base64'), keyBinding(scope, purpose)))
}

/** What a canary says; only somebody with the user's secret can have written it. */
export interface Canary {
  readonly vault_ulid: string
  /** Every envelope of the vault must carry associated data. */
  readonly aad: 'required'
  /** Who may sign keyring files of this vault; absent in files of the first format, which are not signed. */
  readonly authority?: AuthorityKeys
}

export function sealCanary(key: KeyObject, userId: string, canary: Canary): string {
  return sealBytes(key, JSON.stringify(canary), binding(userId, CANARY_PURPOSE)).toString('base64')
}

/** @throws DecryptionError */
export function openCanary(key: KeyObject, userId: string, sealed: string): Canary {
  const text = openBytes(key, Buffer.from(sealed, 'base64'), binding(userId, CANARY_PURPOSE)).toString('utf8')
  const canary = JSON.parse(text) as Partial<Canary> // authenticated: we wrote it
  const { vault_ulid, aad, authority } = canary
  if (typeof vault_ulid !== 'string' || aad !== 'required') throw new DecryptionError()
  return { vault_ulid, aad, ...(authority !== undefined && { authority }) }
}

/** The first generation is bound as it was before there were others. */
function keyBinding({ vaultUlid, generation }: WrapScope, purpose: string): Buffer {
  if (generation === 1 || LASTING_PURPOSES.has(purpose)) return binding(vaultUlid, purpose)
  return binding(vaultUlid, purpose, generation)
}

function binding(...parts: ReadonlyArray<string | number>): Buffer {
  return Buffer.from(JSON.stringify(parts))
}
