/** From a vault name to its keys, in the order of the contract (section 3.2). */
import { isSameSalt } from '../crypto/kdf.ts'
import {
  AdoptionStateError,
  ConflictError,
  InvalidKeyError,
  NoAccessError,
  TamperedError,
} from '../errors.ts'
import { KEYRING, readKeyring, type KeyringFile } from '../keyring/keyring-file.ts'
import { Keyring, type KeyringPlace } from '../keyring/keyring.ts'
import { provisionVault } from '../keyring/provision.ts'
import { finishRotation, isRotating } from '../keyring/rotation-log.ts'
import { ensureSalt, readSalt } from '../keyring/salts.ts'
import { opensCanary, unlockKeyring } from '../keyring/unlock.ts'
import { plainKeys, type VaultKeys } from '../keyring/vault-keys.ts'
import { readAdoption } from '../pod/adoption-marker.ts'
import { keyringLock, vaultLock } from '../transaction/mutex.ts'
import { readHandle } from '../vault/handle.ts'
import type { Session } from './session.ts'

/** Nothing is written unless the vault has no keyring at all and `create` allows to make one. */
export async function openKeys(session: Session, vault: string, create: boolean): Promise<VaultKeys> {
  if (!session.encrypted) return plainKeys(session.userId)
  const known = await existingKeys(session, vault, create)
  if (known !== null) return known
  return keyringLock(session.store, vault).run(async () => {
    // Again under the lock: of two first opens, one makes the keyring and the other finds it.
    return (await existingKeys(session, vault, create)) ?? provision(session, vault)
  })
}

async function existingKeys(session: Session, vault: string, create: boolean): Promise<VaultKeys | null> {
  const users = await session.store.list(vault, KEYRING)
  if (users.includes(session.userId)) return unlock(session, vault)
  if (!create) throw new NoAccessError(`${session.userId} has no keyring in the vault ${vault}.`)
  if (users.length > 0) throw new NoAccessError(`The vault ${vault} is held by others.`)
  return null
}

async function unlock(session: Session, vault: string): Promise<Keyring> {
  const { store } = session
  const keyring = await unlockKeyringOf(session, vault)
  if (store.tx !== undefined || !(await isRotating(store, vault))) return keyring
  await vaultLock(store, vault).run(() => finishRotation(store, vault))
  return unlockKeyringOf(session, vault)
}

/** The session user's keyring as it is stored now. Writes nothing. */
export async function unlockKeyringOf(session: Session, vault: string): Promise<Keyring> {
  const { store, userId } = session
  const stored = await readKeyring(store, vault, userId)
  if (stored === null) throw new NoAccessError(`${userId} has no keyring in the vault ${vault}.`)
  const { file } = stored
  if (file.user_id !== userId) throw new TamperedError(`The keyring of ${userId} is that of ${file.user_id}.`)
  const [master, handle] = [await session.master(file), await readHandle(store, vault)]
  try {
    return new Keyring(
      placeOf(session, vault),
      file,
      unlockKeyring({ file, master, handle, now: session.clock() }),
    )
  } catch (error) {
    if (error instanceof InvalidKeyError && (await opensWithKnownSalt(session, file)))
      throw new TamperedError(`The salt in the keyring of ${userId} was changed.`)
    throw error
  }
}

/** The salt stands in the store twice: where the two differ, it may be the salt that is wrong and not the secret. */
async function opensWithKnownSalt(session: Session, file: KeyringFile): Promise<boolean> {
  const known = await readSalt(session.store, session.userId)
  if (known === null || isSameSalt(known, file)) return false
  return opensCanary(file, await session.master(known), known.salt)
}

async function provision(session: Session, vault: string): Promise<VaultKeys> {
  const { store, userId } = session
  // A keyring minted here would not hold the keys of what was adopted, and nobody could be its owner any more.
  if ((await readAdoption(store, vault)) !== null)
    throw new AdoptionStateError(`The vault ${vault} waits for its owner (createOwnerOnAdoptedPartition).`)
  const salt = await ensureSalt(store, userId, session.kdf, session.now())
  const master = await session.master(salt)
  try {
    const handle = await readHandle(store, vault)
    return await provisionVault(placeOf(session, vault), { userId, master, salt }, handle)
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    // Another process was first: now there is a keyring, ours or somebody else's.
    const keys = await existingKeys(session, vault, true)
    if (keys === null) throw error
    return keys
  }
}

function placeOf(session: Session, vault: string): KeyringPlace {
  return { store: session.store, vault, now: () => session.now() }
}
