/** Whether an import from this sender may be applied, and what is then known of the sender. */
import { LobbyError } from '../errors.ts'
import { compareSender, senderAfter } from '../identity/check-sender.ts'
import type { KnownSender } from '../identity/types.ts'
import type { State } from '../state.ts'
import { knowsExchange } from './journal.ts'
import type { ImportDecisions, ImportPlan } from './types.ts'

/** Checked against what is known now, not when the plan was made. */
export async function assertSenderTaken(
  state: State,
  plan: ImportPlan,
  decisions: ImportDecisions,
): Promise<void> {
  const block = plan.senderBlock
  if (block === undefined) return
  const check = compareSender(block, await state.senders.get(block.party))
  if (check.state === 'changed' && decisions.acceptChangedKey !== true) {
    throw new LobbyError('SENDER_KEY_CHANGED', `${block.party} signed with another key than before.`)
  }
  const outOfOrder = check.sequenceState === 'replay' || check.sequenceState === 'fork'
  if (!outOfOrder || decisions.acceptSequence === true) return
  // Taken before in part, or undone since: ALREADY_IMPORTED has been ruled out by the caller.
  if (await knowsExchange(state, block.exchangeId)) return
  throw new LobbyError(
    'SEQUENCE_REFUSED',
    `Message ${block.sequence} of ${block.party} does not follow the last one taken (${check.lastSequence ?? 0}).`,
  )
}

export interface SenderWrite {
  readonly row: KnownSender
  readonly before: KnownSender | null
  readonly expectedVersion: number
}

export async function senderWrite(
  state: State,
  plan: ImportPlan,
  now: string,
): Promise<SenderWrite | undefined> {
  const block = plan.senderBlock
  if (block === undefined) return undefined
  const known = await state.senders.entry(block.party)
  const before = known?.record ?? null
  return { row: senderAfter(block, before, now), before, expectedVersion: known?.metadata.version ?? 0 }
}
