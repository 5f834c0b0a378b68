/** Writing a keyring file for somebody whose secret is at hand: a vault's first owner, or a grantee. */
import type { KeyObject } from 'node:crypto'
import { newKey } from '../crypto/aead.ts'
import { publicKeyOf } from '../crypto/curve25519.ts'
import { deriveCanaryKey, deriveVaultKek } from '../crypto/derive.ts'
import type { SaltRow } from '../crypto/kdf.ts'
import type { KeyringFile } from './keyring-file.ts'
import { sealFile, type AuthorityKeys, type Signer, type SigningSeeds } from './seal.ts'
import { LASTING, sealCanary, VAULT_KEY_PURPOSE, wrapKey } from './wrap.ts'

/** Whose secret it is, and how that becomes a key. */
export interface Secret {
  readonly userId: string
  readonly master: KeyObject
  readonly salt: SaltRow
}

export type Claims = Pick<
  KeyringFile,
  'display_name' | 'role' | 'permissions' | 'created_at' | 'granted_by'
> &
  Partial<Pick<KeyringFile, 'export_capability' | 'import_capability' | 'expires_at' | 'latent'>>

export interface GivenKeys {
  readonly vaultUlid: string
  readonly generation: number
  readonly deks: ReadonlyMap<string, KeyObject>
  readonly vaultKey: KeyObject | null
  readonly authority: AuthorityKeys
  readonly seeds: SigningSeeds
}

export function newKeyringFile(secret: Secret, claims: Claims, keys: GivenKeys, signer: Signer): KeyringFile {
  const { userId, master, salt } = secret
  const { vaultUlid, vaultKey, authority } = keys
  const kek = deriveVaultKek(master, vaultUlid)
  const canary = { vault_ulid: vaultUlid, aad: 'required', authority } as const
  const file: KeyringFile = {
    _noydb_keyring: 1,
    user_id: userId,
    ...claims,
    deks: wrapAll(kek, keys),
    ...(vaultKey !== null && { vault_key: wrapKey(kek, keys, VAULT_KEY_PURPOSE, vaultKey) }),
    salt: salt.salt,
    kdf: salt.kdf,
    canary: sealCanary(deriveCanaryKey(master, salt.salt), userId, canary),
    generation: keys.generation,
    ...boxKeys(kek, keys),
    ...signingSeeds(kek, keys),
  }
  return sealFile(file, vaultUlid, signer)
}

function wrapAll(kek: KeyObject, keys: GivenKeys): Record<string, string> {
  return Object.fromEntries([...keys.deks].map(([name, key]) => [name, wrapKey(kek, keys, name, key)]))
}

function boxKeys(kek: KeyObject, keys: GivenKeys): Pick<KeyringFile, 'box_key' | 'box_secret'> {
  const seed = newKey()
  return { box_key: publicKeyOf('x25519', seed), box_secret: wrapKey(kek, keys, LASTING.box, seed) }
}

function signingSeeds(kek: KeyObject, keys: GivenKeys): Pick<KeyringFile, 'signing'> {
  const { owner, admin } = keys.seeds
  if (owner === undefined && admin === undefined) return {}
  return {
    signing: {
      ...(owner !== undefined && { owner: wrapKey(kek, keys, LASTING.owner, owner) }),
      ...(admin !== undefined && { admin: wrapKey(kek, keys, LASTING.admin, admin) }),
    },
  }
}
