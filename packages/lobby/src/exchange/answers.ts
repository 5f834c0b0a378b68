/**
 * Who a message is from, in our own words. A party signs with its own name, we may have written another on the bundle
 * it answers; bases are kept under ours, and without them every record of the answer would be in conflict.
 */
import type { StoredRecipient } from '../identity/stored.ts'
import type { SenderBlock } from '../identity/types.ts'
import type { State } from '../state.ts'

/** Messages back that an answer may refer to. */
const REMEMBERED = 200

/** The exchange received last from a party, which the next one to it answers. */
export async function lastReceived(state: State, party: string): Promise<string | undefined> {
  const taken = (await state.journal.list()).filter((row) => row.party === party && row.status === 'applied')
  const last = taken.sort((left, right) => (left.id < right.id ? 1 : -1)).find(({ exchangeId }) => exchangeId)
  return last?.exchangeId ?? undefined
}

/** The name we sent to where the message answers one of ours, else the name it is signed with. */
export async function partyOf(state: State, block: SenderBlock | null): Promise<string | null> {
  if (block === null) return null
  const { answers, party } = block
  if (answers === undefined) return party
  const recipient = (await state.recipients.list()).find((row) => sentOf(row).includes(answers))
  return recipient === undefined || (await isAnothers(state, recipient.party, party))
    ? party
    : recipient.party
}

/** Another sender is known by that name: the id of an exchange is no secret, and gives nobody another's bases. */
async function isAnothers(state: State, name: string, party: string): Promise<boolean> {
  const others = (await state.senders.list()).filter((sender) => sender.party !== party)
  if (others.some((sender) => sender.party === name)) return true
  const prints = new Set(others.map(({ fingerprint }) => fingerprint))
  const taken = await state.journal.list()
  return taken.some((row) => row.party === name && prints.has(row.senderFingerprint ?? ''))
}

/** What a recipient was sent, the latest last. */
function sentOf({ lastExchangeId, exchanges = [lastExchangeId] }: StoredRecipient): readonly string[] {
  return exchanges
}

export function sentAfter(last: StoredRecipient | null, exchangeId: string): string[] {
  return [...(last === null ? [] : sentOf(last)), exchangeId].slice(-REMEMBERED)
}
