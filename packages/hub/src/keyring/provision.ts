/** A new vault: its ULID, the owner's keyring, and the system keys, in one write. */
import type { KeyObject } from 'node:crypto'
import { newKey } from '../crypto/aead.ts'
import { deriveCanaryKey, deriveVaultKek } from '../crypto/derive.ts'
import type { SaltRow } from '../crypto/kdf.ts'
import { RowCodec } from '../crypto/row-codec.ts'
import { generateULID } from '../ids.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { TxOp } from '../types/store.ts'
import { handleOp } from '../vault/handle.ts'
import { Keyring, sharedKeyOp, type KeyringPlace } from './keyring.ts'
import { keyringEnvelope, KEYRING, type KeyringFile } from './keyring-file.ts'
import { sealCanary, VAULT_KEY_PURPOSE, wrapKey } from './wrap.ts'

/** Reserved collections whose key exists from the start, so that every later grant can carry it. */
const SYSTEM_COLLECTIONS: readonly string[] = ['_audit', '_imports', '_conflicts', '_bases', '_tx']

export interface NewOwner {
  readonly userId: string
  readonly master: KeyObject
  readonly salt: SaltRow
}

/** What a vault that holds rows before it has an owner brings along: the keys of those rows, and what is written with them. */
export interface Inherited {
  readonly deks: ReadonlyMap<string, KeyObject>
  readonly ops: readonly TxOp[]
}

const nothing: Inherited = { deks: new Map(), ops: [] }

/** `handle` is the vault's ULID where one was already written. @throws ConflictError when somebody else was first. */
export async function provisionVault(
  place: KeyringPlace,
  owner: NewOwner,
  handle: string | null,
  inherited: Inherited = nothing,
): Promise<Keyring> {
  const vaultUlid = handle ?? generateULID()
  const kek = deriveVaultKek(owner.master, vaultUlid)
  const vaultKey = newKey()
  const system = SYSTEM_COLLECTIONS.map((collection): [string, KeyObject] => [collection, newKey()])
  const deks = new Map([...system, ...inherited.deks])
  const file = ownerFile(place, owner, { vaultUlid, kek, vaultKey, deks })
  const ops = provisionOps(place, file, { vaultUlid, vaultKey, deks }, handle === null)
  await writeRows(place.store, [...ops, ...inherited.ops])
  return new Keyring(place, file, { vaultUlid, kek, deks, vaultKey })
}

interface NewKeys {
  readonly vaultUlid: string
  readonly kek: KeyObject
  readonly vaultKey: KeyObject
  readonly deks: ReadonlyMap<string, KeyObject>
}

function ownerFile(place: KeyringPlace, owner: NewOwner, keys: NewKeys): KeyringFile {
  const { vaultUlid, kek, vaultKey, deks } = keys
  const canaryKey = deriveCanaryKey(owner.master, owner.salt.salt)
  return {
    _noydb_keyring: 1,
    user_id: owner.userId,
    display_name: owner.userId,
    role: 'owner',
    permissions: {},
    deks: Object.fromEntries([...deks].map(([name, key]) => [name, wrapKey(kek, vaultUlid, name, key)])),
    vault_key: wrapKey(kek, vaultUlid, VAULT_KEY_PURPOSE, vaultKey),
    salt: owner.salt.salt,
    kdf: owner.salt.kdf,
    canary: sealCanary(canaryKey, owner.userId, { vault_ulid: vaultUlid, aad: 'required' }),
    created_at: place.now(),
    granted_by: owner.userId,
  }
}

/** The keyring goes last: on a store without `tx` its presence says that the vault is complete. */
function provisionOps(
  { vault, now }: KeyringPlace,
  file: KeyringFile,
  { vaultUlid, vaultKey, deks }: Omit<NewKeys, 'kek'>,
  newHandle: boolean,
): TxOp[] {
  const ts = now()
  const place = { vault, codec: new RowCodec(vaultUlid), vaultKey, by: file.user_id, ts }
  const envelope = keyringEnvelope(file, 1, ts)
  return [
    ...(newHandle ? [handleOp(vault, vaultUlid, ts)] : []),
    ...[...deks].map(([collection, key]) => sharedKeyOp(place, collection, key)),
    { vault, collection: KEYRING, id: file.user_id, op: 'put', envelope, expectedVersion: 0 },
  ]
}
