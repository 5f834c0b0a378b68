/** The identity of this user in this workspace: made on first use, its private key kept in the state vault. */
import { ConflictError, type NoydbApi, type RecordEntry } from '@noy-db/hub'
import { openState, putOnce, type State } from '../state.ts'
import { newEncryptionPair } from './encryption-pair.ts'
import { fingerprintOf, newKeyPair } from './keys.ts'
import type { StoredIdentity } from './stored.ts'
import type { Identity } from './types.ts'

/** `party` is what others call this office; it counts when the identity is made, and defaults to the user id. */
export async function ownIdentity(db: NoydbApi, options: { party?: string } = {}): Promise<Identity> {
  return publicPart(await loadIdentity(await openState(db), options.party))
}

/** Renames the office; the key stays. Parties that know it under the old name see a new sender with a known key. */
export async function renameOwnParty(db: NoydbApi, party: string): Promise<Identity> {
  const state = await openState(db)
  const renamed = { ...(await loadIdentity(state)), party }
  await db.transaction((tx) => tx.put(state.vault, state.identity.name, state.vault.userId, renamed), {
    command: 'identity.rename',
  })
  return publicPart(renamed)
}

function publicPart({ party, publicKey, encryptionKey }: StoredIdentity): Identity {
  return { party, publicKey, fingerprint: fingerprintOf(publicKey), encryptionKey }
}

/** With the private keys: for signing, and for opening what was sealed to this office. */
export async function loadIdentity(state: State, party?: string): Promise<StoredIdentity> {
  const { userId } = state.vault
  const stored = await state.identity.entry(userId)
  if (stored !== null) return isWhole(stored.record) ? stored.record : complete(state, stored)
  const made = {
    party: party ?? userId,
    ...newKeyPair(),
    ...newEncryptionPair(),
    createdAt: new Date().toISOString(),
  }
  return putOnce(state.identity, userId, made)
}

function isWhole(identity: Partial<StoredIdentity>): boolean {
  return identity.encryptionSeed !== undefined
}

/** The row of an earlier build. Of two calls at the same time, both get the key of the one that was first. */
async function complete(
  { identity, vault }: State,
  { record, metadata }: RecordEntry<StoredIdentity>,
): Promise<StoredIdentity> {
  const whole = { ...record, ...newEncryptionPair() }
  try {
    const expectedVersion = metadata.version
    await identity.put(vault.userId, whole, { expectedVersion, reason: 'identity.encryptionKey' })
    return whole
  } catch (error) {
    const now = error instanceof ConflictError ? await identity.get(vault.userId) : null
    if (now !== null && isWhole(now)) return now
    throw error
  }
}
