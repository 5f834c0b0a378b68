/** The identity of this user in this workspace: made on first use, its private key kept in the state vault. */
import type { NoydbApi } from '@noy-db/hub'
import { openState, putOnce, type State } from '../state.ts'
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

function publicPart({ party, publicKey }: StoredIdentity): Identity {
  return { party, publicKey, fingerprint: fingerprintOf(publicKey) }
}

/** With the private key: for signing only. */
export async function loadIdentity(state: State, party?: string): Promise<StoredIdentity> {
  const { userId } = state.vault
  const stored = await state.identity.get(userId)
  if (stored !== null) return stored
  const made = { party: party ?? userId, ...newKeyPair(), createdAt: new Date().toISOString() }
  return putOnce(state.identity, userId, made)
}
