/** A new vault: its ULID, the owner's keyring, the system keys and the roster, in one write. */
import type { KeyObject } from 'node:crypto'
import { newKey } from '../crypto/aead.ts'
import { deriveCanaryKey, deriveVaultKek } from '../crypto/derive.ts'
import { RowCodec } from '../crypto/row-codec.ts'
import { generateULID } from '../ids.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { TxOp } from '../types/store.ts'
import { handleOp } from '../vault/handle.ts'
import { Keyring, type KeyringPlace } from './keyring.ts'
import { keyringEnvelope, KEYRING, type KeyringFile } from './keyring-file.ts'
import { newKeyringFile, type Claims, type GivenKeys, type Secret } from './new-file.ts'
import { memberOf, rosterOp } from './roster.ts'
import { authorityKeys } from './seal.ts'
import { sharedKeyOp } from './shared-keys.ts'

/** Reserved collections whose key exists from the start, so that every later grant can carry it. */
const SYSTEM_COLLECTIONS: readonly string[] = ['_audit', '_imports', '_conflicts', '_bases', '_tx']

/** What a vault that holds rows before it has an owner brings along: the keys of those rows, and what is written with them. */
export interface Inherited {
  readonly deks: ReadonlyMap<string, KeyObject>
  readonly ops: readonly TxOp[]
}

const nothing: Inherited = { deks: new Map(), ops: [] }

/** `handle` is the vault's ULID where one was already written. @throws ConflictError when somebody else was first. */
export async function provisionVault(
  place: KeyringPlace,
  owner: Secret,
  handle: string | null,
  inherited: Inherited = nothing,
): Promise<Keyring> {
  const { file, keys, ops } = newVault(place, owner, handle, inherited.deks)
  await writeRows(place.store, [...ops, ...inherited.ops])
  const { vaultUlid, authority, seeds, vaultKey } = keys
  const kek = deriveVaultKek(owner.master, vaultUlid)
  const canaryKey = deriveCanaryKey(owner.master, owner.salt.salt)
  return new Keyring(place, file, {
    canaryKey,
    vaultUlid,
    generation: 1,
    kek,
    deks: keys.deks,
    vaultKey,
    authority,
    seeds,
  })
}

interface NewVault {
  readonly file: KeyringFile
  readonly keys: ReturnType<typeof newKeys>
  readonly ops: TxOp[]
}

/** What makes it, not written yet. */
export function newVault(
  place: KeyringPlace,
  owner: Secret,
  handle: string | null,
  inherited: Inherited['deks'] = new Map(),
): NewVault {
  const keys = newKeys(handle ?? generateULID(), inherited)
  const signer = { by: 'owner', seed: keys.seeds.owner } as const
  const file = newKeyringFile(owner, ownerClaims(owner.userId, place.now()), keys, signer)
  return { file, keys, ops: provisionOps(place, file, keys, handle === null) }
}

export function ownerClaims(userId: string, ts: string): Claims {
  return { display_name: userId, role: 'owner', permissions: {}, created_at: ts, granted_by: userId }
}

/** Everything a vault needs from its first moment on. */
function newKeys(vaultUlid: string, inherited: Inherited['deks']) {
  const system = SYSTEM_COLLECTIONS.map((collection): [string, KeyObject] => [collection, newKey()])
  const seeds = { owner: newKey(), admin: newKey() }
  return {
    vaultUlid,
    generation: 1,
    deks: new Map([...system, ...inherited]),
    vaultKey: newKey(),
    seeds,
    authority: authorityKeys(seeds),
  } satisfies GivenKeys
}

/** The keyring goes last: on a store without `tx` its presence says that the vault is complete. */
function provisionOps(
  { vault, now }: KeyringPlace,
  file: KeyringFile,
  { vaultUlid, vaultKey, deks }: NewVault['keys'],
  newHandle: boolean,
): TxOp[] {
  const ts = now()
  const place = { vault, codec: new RowCodec(vaultUlid), vaultKey, by: file.user_id, ts }
  const envelope = keyringEnvelope(file, 1, ts)
  return [
    ...(newHandle ? [handleOp(vault, vaultUlid, ts)] : []),
    ...[...deks].map(([collection, key]) => sharedKeyOp(place, collection, key)),
    rosterOp(place, new Map([[file.user_id, memberOf(file)]]), 0),
    { vault, collection: KEYRING, id: file.user_id, op: 'put', envelope, expectedVersion: 0 },
  ]
}
