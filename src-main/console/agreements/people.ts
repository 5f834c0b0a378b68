/** Whom an agreement can be made with: parties whose key is known here, or anybody by name. */
import { knownRecipient, listSenders } from '@klum-db/lobby'
import type { OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { Desk } from './desk.ts'

export async function people({ open }: Desk): Promise<OutputOf<'agreements.people'>> {
  const senders = await listSenders(open.db)
  return senders.map(({ party, fingerprint, firstSeen }) => ({ party, fingerprint, knownSince: firstSeen }))
}

/** With its key where that is known, so that nobody else can countersign. */
export async function partyKey(
  { open }: Desk,
  party: string,
): Promise<{ party: string; publicKey?: string }> {
  const known = await knownRecipient(open.db, party)
  return known === null ? { party } : { party: known.party, publicKey: known.publicKey }
}
