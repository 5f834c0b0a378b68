/** Who a party of ours is among those that sent us something, or gave us their card. */
import type { NoydbApi } from '@noy-db/hub'
import { openState, type State } from '../state.ts'
import type { KnownSender } from '../identity/types.ts'

/** Compare the fingerprint with the party before anything is sealed to its key. Null where nothing is known of it. */
export async function knownRecipient(db: NoydbApi, party: string): Promise<KnownSender | null> {
  return recipientOf(await openState(db), party)
}

/** The one whose messages we filed under that name last, else the one that calls itself so. */
export async function recipientOf(state: State, party: string): Promise<KnownSender | null> {
  const filed = (await state.journal.list()).filter((row) => row.party === party && row.status === 'applied')
  const last = filed
    .sort((left, right) => (left.id < right.id ? 1 : -1))
    .find((row) => row.senderFingerprint !== null)
  if (last !== undefined) {
    const senders = await state.senders.list()
    const found = senders.find(({ fingerprint }) => fingerprint === last.senderFingerprint)
    if (found !== undefined) return found
  }
  return state.senders.get(party)
}
