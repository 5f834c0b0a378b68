/** What opens a workspace: the passphrase, and the recovery code if one was made. Both seal one secret, the engine's. */
import { randomBytes } from 'node:crypto'
import type { KdfParameters } from '@noy-db/hub'
import type { NoydbStore } from '@noy-db/hub/store'
import { parseRecoveryCode } from '../../../src-shared/model/recovery-code.ts'
import { AppError } from '../app-error.ts'
import { checkPassphrase } from '../passphrase.ts'
import { type Lock, readLock, type StoredLock, writeLock } from './lock-row.ts'
import { openWithCode, openWithPassphrase, sealUnderCode, sealUnderPassphrase } from './sealed-secret.ts'

export interface LockContext {
  readonly store: NoydbStore
  readonly kdf: KdfParameters | undefined
  /** ISO-8601. */
  readonly now: () => string
}

const usualKdf: KdfParameters = { memoryKiB: 65_536, passes: 3, parallelism: 1 }

/** A new secret under a passphrase and, where one is given, a code. @throws AppError WEAK_PASSPHRASE, WRONG_RECOVERY_CODE */
export async function makeLock(
  { store, kdf = usualKdf, now }: LockContext,
  passphrase: string,
  code: string | undefined,
): Promise<string> {
  checkPassphrase(passphrase)
  const secret = randomBytes(32).toString('base64url')
  const recovery = code === undefined ? null : sealUnderCode(secret, bytesOf(code), now())
  const lock = { passphrase: await sealUnderPassphrase(secret, passphrase, kdf), recovery }
  await writeLock(store, lock, await readLock(store), now()) // one may be left of a creation that stopped half way
  return secret
}

/** The engine's secret. @throws AppError WRONG_PASSPHRASE, KEYRING_DAMAGED */
export async function openLock(store: NoydbStore, passphrase: string): Promise<string> {
  const stored = await readLock(store)
  return stored === null ? passphrase : secretIn(stored.lock, passphrase)
}

/**
 * Sets a new passphrase with the code and tells the engine's secret; the code stays good.
 * @throws AppError WRONG_RECOVERY_CODE, WEAK_PASSPHRASE, KEYRING_DAMAGED
 */
export async function recoverLock(context: LockContext, code: string, passphrase: string): Promise<string> {
  const stored = await storedLock(context.store)
  const { recovery } = stored.lock
  const secret = recovery === null ? null : openWithCode(recovery, bytesOf(code))
  if (secret === null) throw new AppError('WRONG_RECOVERY_CODE')
  await putPassphrase(context, stored, secret, passphrase)
  return secret
}

/** @throws AppError WRONG_PASSPHRASE, WEAK_PASSPHRASE */
export async function changePassphrase(context: LockContext, current: string, next: string): Promise<void> {
  const stored = await storedLock(context.store)
  await putPassphrase(context, stored, await secretIn(stored.lock, current), next)
}

/** Makes the code good and any earlier one worthless; without a code there is none. @throws AppError WRONG_PASSPHRASE, WRONG_RECOVERY_CODE */
export async function setRecoveryCode(
  { store, now }: LockContext,
  passphrase: string,
  code: string | null,
): Promise<void> {
  const stored = await storedLock(store)
  const secret = await secretIn(stored.lock, passphrase)
  const recovery = code === null ? null : sealUnderCode(secret, bytesOf(code), now())
  await writeLock(store, { ...stored.lock, recovery }, stored, now())
}

/** When the code was made; null where there is none. */
export async function recoverySince(store: NoydbStore): Promise<string | null> {
  return (await readLock(store))?.lock.recovery?.createdAt ?? null
}

async function putPassphrase(
  { store, kdf = usualKdf, now }: LockContext,
  stored: StoredLock,
  secret: string,
  passphrase: string,
): Promise<void> {
  checkPassphrase(passphrase)
  const lock = { ...stored.lock, passphrase: await sealUnderPassphrase(secret, passphrase, kdf) }
  await writeLock(store, lock, stored, now())
}

async function secretIn(lock: Lock, passphrase: string): Promise<string> {
  const secret = await openWithPassphrase(lock.passphrase, passphrase)
  if (secret === null) throw new AppError('WRONG_PASSPHRASE')
  return secret
}

async function storedLock(store: NoydbStore): Promise<StoredLock> {
  const stored = await readLock(store)
  if (stored !== null) return stored
  throw new AppError(
    'NOT_FOUND',
    'This workspace was made before its passphrase could be changed. Nothing was changed.',
  )
}

function bytesOf(code: string): Uint8Array {
  const bytes = parseRecoveryCode(code)
  if (bytes === null) throw new AppError('WRONG_RECOVERY_CODE')
  return bytes
}
