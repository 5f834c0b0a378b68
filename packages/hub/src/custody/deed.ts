/** An owner by deed: a keyring whose secret nobody knows until a provider unseals it. */
import { checkId, checkVaultName } from '../collection/check-name.ts'
import { newKey } from '../crypto/aead.ts'
import { DEFAULT_KDF, deriveMaster } from '../crypto/kdf.ts'
import { InvalidKeyError, TamperedError, ValidationError } from '../errors.ts'
import type { KeyringPlace } from '../keyring/keyring.ts'
import { keyringEnvelope, KEYRING, readKeyring, type KeyringFile } from '../keyring/keyring-file.ts'
import { newKeyringFile, type Secret } from '../keyring/new-file.ts'
import { newVault, ownerClaims } from '../keyring/provision.ts'
import { ensureSalt } from '../keyring/salts.ts'
import { authorityKeys } from '../keyring/seal.ts'
import { unlockKeyring } from '../keyring/unlock.ts'
import { keyringLock } from '../transaction/mutex.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { SealingKeyProvider, UnlockedKeyring } from '../types/custody.ts'
import type { NoydbStore, TxOp } from '../types/store.ts'
import type { KdfParameters } from '../types/vault.ts'
import { readHandle } from '../vault/handle.ts'
import { deedOp, readDeed } from './deed-marker.ts'
import { ownerCredential } from './sealed-credential.ts'

export interface DeedOptions {
  /** For tests; counts only where the user has no salt in this store yet. */
  readonly kdf?: KdfParameters
}

/**
 * Works on the store alone. In a vault that others hold already, the owner's keyring is one without data keys, and
 * the others keep theirs; in an empty one it holds everything. Done twice, it changes nothing.
 * @throws ValidationError when that user has an ordinary keyring, or another provider sealed the secret
 */
export async function createDeedOwner(
  store: NoydbStore,
  vault: string,
  ownerUserId: string,
  sealing: SealingKeyProvider,
  { kdf = DEFAULT_KDF }: DeedOptions = {},
): Promise<UnlockedKeyring> {
  checkVaultName(vault)
  checkId(ownerUserId)
  const ts = new Date().toISOString()
  const place: KeyringPlace = { store, vault, now: () => ts }
  return keyringLock(store, vault).run(async () => {
    const credential = await ownerCredential(store, vault, sealing, ts)
    const salt = await ensureSalt(store, ownerUserId, kdf, ts)
    const owner = { userId: ownerUserId, salt, master: await deriveMaster(credential.secret, salt) }
    const made = (await existingOwner(place, owner)) ?? (await newOwner(place, owner))
    const marker = await markerOps(place, ownerUserId, sealing.id)
    await writeRows(store, [...credential.ops, ...made.ops, ...marker])
    return describe(made)
  })
}

interface DeedOwner {
  readonly file: KeyringFile
  readonly vaultUlid: string
  readonly ops: readonly TxOp[]
}

async function existingOwner({ store, vault }: KeyringPlace, owner: Secret): Promise<DeedOwner | null> {
  const stored = await readKeyring(store, vault, owner.userId)
  if (stored === null) return null
  const { file } = stored
  try {
    const handle = await readHandle(store, vault)
    const { vaultUlid } = unlockKeyring({ file, master: owner.master, handle, now: 0 })
    return { file, vaultUlid, ops: [] }
  } catch (error) {
    if (!(error instanceof InvalidKeyError)) throw error
    throw new ValidationError(`${owner.userId} has a keyring in the vault ${vault} already.`)
  }
}

async function newOwner(place: KeyringPlace, owner: Secret): Promise<DeedOwner> {
  const handle = await readHandle(place.store, place.vault)
  const isHeld = (await place.store.list(place.vault, KEYRING)).length > 0
  if (!isHeld) {
    const { file, keys, ops } = newVault(place, owner, handle)
    return { file, vaultUlid: keys.vaultUlid, ops }
  }
  if (handle === null) throw new TamperedError(`The vault ${place.vault} has lost its handle.`)
  return latentOwner(place, owner, handle)
}

/** Signed by keys of its own: it is no grant of those who hold the vault, and no rotation of theirs serves it. */
function latentOwner({ vault, now }: KeyringPlace, owner: Secret, vaultUlid: string): DeedOwner {
  const seeds = { owner: newKey(), admin: newKey() }
  const keys = {
    vaultUlid,
    generation: 1,
    deks: new Map(),
    vaultKey: null,
    seeds,
    authority: authorityKeys(seeds),
  }
  const claims = { ...ownerClaims(owner.userId, now()), latent: true } as const
  const file = newKeyringFile(owner, claims, keys, { by: 'owner', seed: seeds.owner })
  const envelope = keyringEnvelope(file, 1, now())
  const op = {
    vault,
    collection: KEYRING,
    id: owner.userId,
    op: 'put',
    envelope,
    expectedVersion: 0,
  } as const
  return { file, vaultUlid, ops: [op] }
}

/** @throws ValidationError when the vault has another owner by deed */
async function markerOps(
  { store, vault, now }: KeyringPlace,
  ownerUserId: string,
  sealedUnder: string,
): Promise<readonly TxOp[]> {
  const stored = await readDeed(store, vault)
  if (stored === null)
    return [deedOp(vault, { ownerUserId, sealedUnder, latent: true, issuedAt: now() }, now(), 0)]
  if (stored.marker.ownerUserId === ownerUserId) return []
  throw new ValidationError(
    `${stored.marker.ownerUserId} is the owner of the vault ${vault} by deed already.`,
  )
}

function describe({ file, vaultUlid }: DeedOwner): UnlockedKeyring {
  const { user_id: userId, display_name: displayName, role, permissions, latent = false } = file
  return { userId, displayName, role, permissions, vaultUlid, latent }
}
