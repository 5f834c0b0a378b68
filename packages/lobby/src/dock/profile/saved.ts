/** Profiles kept in the state vault, parsed whenever they are read. */
import type { NoydbApi, Transaction, VaultApi } from '@noy-db/hub'
import { LobbyError } from '../../errors.ts'
import { openState } from '../../state.ts'
import { parseProfile, type MappingProfile } from './schema.ts'

const COLLECTION = 'dockProfiles'

export interface SavedProfile {
  readonly profile: MappingProfile
  /** For `expectedVersion`. */
  readonly version: number
}

/** By name. */
export async function listProfiles(db: NoydbApi): Promise<SavedProfile[]> {
  const entries = await (await profiles(db)).entries()
  return entries
    .map(({ record, metadata }) => ({ profile: parseProfile(record), version: metadata.version }))
    .sort((left, right) => left.profile.name.localeCompare(right.profile.name))
}

/** @throws LobbyError `PROFILE_NOT_FOUND`, `PROFILE_INVALID` */
export async function getProfile(db: NoydbApi, id: string): Promise<SavedProfile> {
  const entry = await (await profiles(db)).entry(id)
  if (entry === null) throw new LobbyError('PROFILE_NOT_FOUND', `There is no profile ${id}.`)
  return { profile: parseProfile(entry.record), version: entry.metadata.version }
}

/** `expectedVersion` 0 = must be new. @throws LobbyError `PROFILE_INVALID`, the hub's ConflictError */
export async function saveProfile(
  db: NoydbApi,
  input: unknown,
  options: { readonly expectedVersion?: number } = {},
): Promise<MappingProfile> {
  const profile = parseProfile(input)
  await (await profiles(db)).put(profile.id, profile, { ...options, reason: 'dock:profile' })
  return profile
}

/** In a transaction of the caller, beside what was read with it; the last one used counts. `state`: the state vault. */
export function putProfile(tx: Transaction, state: VaultApi, profile: MappingProfile): void {
  tx.put(state, COLLECTION, profile.id, profile)
}

/** What was imported with it stays. */
export async function deleteProfile(db: NoydbApi, id: string): Promise<void> {
  await (await profiles(db)).delete(id, { reason: 'dock:profile' })
}

async function profiles(db: NoydbApi) {
  return (await openState(db)).vault.collection(COLLECTION)
}
