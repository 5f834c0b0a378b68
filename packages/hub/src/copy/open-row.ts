/** Proves that a copied row opens under the keys of an open vault, and lets a copy carry a seal of that vault. */
import { readingKey } from '../collection/read-key.ts'
import type { RowAddress, RowKey } from '../crypto/row-codec.ts'
import { NoAccessError } from '../errors.ts'
import { KEYRING, parseKeyringFile } from '../keyring/keyring-file.ts'
import { Keyring } from '../keyring/keyring.ts'
import { placeOf, UNDER_VAULT_KEY, type RowPlace } from '../keyring/row-place.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import type { VaultApi } from '../types/vault.ts'
import { coreOf } from '../vault/core-of.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { CopiedRow } from './copied-rows.ts'

/** Sealed under the vault key, though `placeOf` leaves them to a rotation. */
const OF_VAULT_KEY = new Set(['_deks', '_access'])

/**
 * False for a row that is stored in clear, or that custody keeps under keys of earlier days.
 * @throws TamperedError, KeyringCorruptError, NoAccessError for a role that does not read everything
 */
export async function openRow(vault: VaultApi, { collection, id, envelope }: CopiedRow): Promise<boolean> {
  const core = coreOf(vault)
  if (collection === KEYRING) parseKeyringFile(envelope)
  const place = OF_VAULT_KEY.has(collection)
    ? { collection, id, keyCollection: UNDER_VAULT_KEY }
    : placeOf(collection, id)
  if (place === null) return false
  core.keys.codec.open(await keyOf(core, place), place, envelope)
  return true
}

/** What a copy says of itself, under the vault key. `id` names the copy. @throws NoAccessError */
export function sealFacts(vault: VaultApi, id: string, facts: unknown): EncryptedEnvelope {
  const core = coreOf(vault)
  const clear = { version: 1, ts: core.session.now(), by: core.keys.userId }
  return core.keys.codec.seal(vaultKeyOf(core), factsAddress(id), clear, JSON.stringify(facts))
}

/** @throws TamperedError unless this vault sealed exactly this for that copy */
export function openFacts(vault: VaultApi, id: string, envelope: EncryptedEnvelope): unknown {
  const core = coreOf(vault)
  return JSON.parse(core.keys.codec.open(vaultKeyOf(core), factsAddress(id), envelope))
}

function factsAddress(id: string): RowAddress {
  return { collection: '_copies', id }
}

function keyOf(core: VaultCore, { keyCollection }: RowPlace): RowKey | Promise<RowKey> {
  return keyCollection === UNDER_VAULT_KEY ? vaultKeyOf(core) : readingKey(core.keys, keyCollection)
}

function vaultKeyOf({ keys }: VaultCore): RowKey {
  if (!(keys instanceof Keyring)) return null
  const { vaultKey } = keys.unlocked
  if (vaultKey === null) throw new NoAccessError(`A whole copy is not for the role ${keys.role}.`)
  return vaultKey
}
