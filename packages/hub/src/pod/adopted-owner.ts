/** The first owner of an adopted partition: a keyring around the keys the adoption left, and the seal used up. */
import type { KeyObject } from 'node:crypto'
import { DEFAULT_KDF, deriveMaster } from '../crypto/kdf.ts'
import { checkVaultName } from '../collection/check-name.ts'
import { AdoptionStateError, ConflictError, ValidationError } from '../errors.ts'
import { KEYRING } from '../keyring/keyring-file.ts'
import { provisionVault } from '../keyring/provision.ts'
import { ensureSalt } from '../keyring/salts.ts'
import { keyringLock } from '../transaction/mutex.ts'
import type { CreateOwnerOptions } from '../types/bundle.ts'
import type { NoydbStore } from '../types/store.ts'
import { readHandle } from '../vault/handle.ts'
import { adoptionOp, openKeys, readAdoption, type StoredMarker } from './adoption-marker.ts'
import { importTransferKey } from './open-partition.ts'

/**
 * Afterwards `createNoydb({ store, user: userId, secret: passphrase })` opens the vault, and the transfer key opens
 * nothing here any more. Nothing is written unless all of it can be.
 * @throws AdoptionStateError unless an adoption waits here for its owner, TransferSealError, ValidationError
 */
export async function createOwnerOnAdoptedPartition(
  store: NoydbStore,
  vaultName: string,
  options: CreateOwnerOptions,
): Promise<{ vaultName: string; userId: string }> {
  const { userId, passphrase } = options
  checkVaultName(vaultName)
  for (const text of [userId, passphrase])
    if (typeof text !== 'string' || text === '')
      throw new ValidationError('An owner has a user id and a passphrase.')
  const transferKey = importTransferKey(options.transferKey)
  await keyringLock(store, vaultName).run(async () => {
    const marker = await readWaiting(store, vaultName)
    const deks = openKeys(transferKey, marker, marker.sealedKeys ?? '')
    await writeOwner(store, vaultName, options, marker, deks)
  })
  return { vaultName, userId }
}

/** @throws AdoptionStateError */
async function readWaiting(store: NoydbStore, vault: string): Promise<StoredMarker> {
  const marker = await readAdoption(store, vault)
  if (marker === null) throw new AdoptionStateError(`No partition was adopted as ${vault}.`)
  if (marker.state === 'writing')
    throw new AdoptionStateError(`The adoption of ${vault} was not finished: adopt again.`)
  if (marker.state === 'consumed' || (await store.list(vault, KEYRING)).length > 0)
    throw new AdoptionStateError(`The vault ${vault} has an owner.`)
  if ((await readHandle(store, vault)) !== marker.vaultUlid)
    throw new AdoptionStateError(`The handle of ${vault} is not the one it was adopted with.`)
  return marker
}

async function writeOwner(
  store: NoydbStore,
  vault: string,
  { userId, passphrase, kdf = DEFAULT_KDF }: CreateOwnerOptions,
  marker: StoredMarker,
  deks: ReadonlyMap<string, KeyObject>,
): Promise<void> {
  const now = (): string => new Date().toISOString()
  const salt = await ensureSalt(store, userId, kdf, now())
  const master = await deriveMaster(passphrase, salt)
  const consumed = { ...marker, state: 'consumed', sealedKeys: null } as const
  // Behind the keyring: on a store without `tx` a crash between the two leaves a vault that opens.
  const ops = [adoptionOp(vault, consumed, now(), marker.version)]
  try {
    await provisionVault({ store, vault, now }, { userId, master, salt }, marker.vaultUlid, { deks, ops })
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw Object.assign(new AdoptionStateError(`Somebody else was faster at ${vault}.`), { cause: error })
  }
}
