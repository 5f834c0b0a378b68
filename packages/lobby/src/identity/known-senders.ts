/** Parties whose bundles were taken, for the list a person reads. */
import type { NoydbApi } from '@noy-db/hub'
import { openState } from '../state.ts'
import type { KnownSender } from './types.ts'

/** By party name. */
export async function listSenders(db: NoydbApi): Promise<KnownSender[]> {
  const rows = await (await openState(db)).senders.list()
  return rows.sort((left, right) => (left.party < right.party ? -1 : 1))
}
