/** Whether a sender is known here, and whether its message is the one that should come next. */
import type { State } from '../state.ts'
import { fingerprintOf } from './keys.ts'
import type { KnownSender, SenderBlock, SenderCheck, SequenceState } from './types.ts'

export const NO_SENDER: SenderCheck = {
  state: 'unsigned',
  sequenceState: 'none',
  party: null,
  fingerprint: null,
  exchangeId: null,
  sequence: null,
  lastSequence: null,
  knownSince: null,
  createdAt: null,
}

export async function checkSender(state: State, block: SenderBlock | null): Promise<SenderCheck> {
  if (block === null) return NO_SENDER
  return compareSender(block, await state.senders.get(block.party))
}

/** The block's signature has been verified; `known` is the row of its party. */
export function compareSender(block: SenderBlock, known: KnownSender | null): SenderCheck {
  const sameKey = known?.publicKey === block.publicKey
  return {
    state: known === null ? 'unknown' : sameKey ? 'known' : 'changed',
    sequenceState: sequenceState(block, known),
    party: block.party,
    fingerprint: fingerprintOf(block.publicKey),
    exchangeId: block.exchangeId,
    sequence: block.sequence,
    lastSequence: known?.lastSequence ?? null,
    knownSince: known?.firstSeen ?? null,
    createdAt: block.createdAt,
  }
}

/**
 * `replay`: a number that was passed already. `gap`: messages in between never came. `fork`: the right number, but
 * built on another message than the one received last, as after a restored backup at the sender's.
 */
function sequenceState(block: SenderBlock, known: KnownSender | null): SequenceState {
  const last = known?.lastSequence ?? 0
  if (block.sequence > last + 1) return 'gap'
  if (block.sequence === last + 1) {
    if (known === null || last === 0) return 'first'
    return block.previous === known.lastExchangeId ? 'next' : 'fork'
  }
  return block.sequence === last && block.exchangeId !== known?.lastExchangeId ? 'fork' : 'replay'
}

/** Who it is, and what it reads; what an older message says of that does not replace what a newer one said. */
export function saidOf(
  said: Pick<SenderBlock, 'party' | 'publicKey' | 'encryptionKey' | 'bodyFormats'>,
  known: KnownSender | null,
  newest: boolean,
): Pick<KnownSender, 'party' | 'publicKey' | 'fingerprint' | 'encryptionKey' | 'bodyFormats'> {
  const { party, publicKey } = said
  const before = known?.publicKey === publicKey ? known : null
  const [first, second] = newest ? [said, before] : [before, said]
  const encryptionKey = first?.encryptionKey ?? second?.encryptionKey
  const bodyFormats = first?.bodyFormats ?? second?.bodyFormats
  return {
    party,
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    ...(encryptionKey !== undefined && { encryptionKey }),
    ...(bodyFormats !== undefined && { bodyFormats }),
  }
}

/** The sender's row once the message is taken. A gap is not closed by what comes late: the number only grows. */
export function senderAfter(block: SenderBlock, known: KnownSender | null, now: string): KnownSender {
  const newest = block.sequence >= (known?.lastSequence ?? 0)
  return {
    ...saidOf(block, known, newest),
    firstSeen: known?.firstSeen ?? now,
    lastSequence: newest ? block.sequence : (known?.lastSequence ?? 0),
    lastExchangeId: newest ? block.exchangeId : (known?.lastExchangeId ?? block.exchangeId),
  }
}
