/**
 * Who a message is from, in our own words, and what its sender says it took of ours. A party signs with its own name, we
 * may have written another on the bundle it answers; bases are kept under ours, and without them every record of the
 * answer would be in conflict.
 */
import { limits } from '@noy-db/hub'
import { groupBy } from '../group-by.ts'
import type { StoredRecipient } from '../identity/stored.ts'
import type { SenderBlock } from '../identity/types.ts'
import type { ImportJournalRow } from '../import/types.ts'
import type { State } from '../state.ts'
import type { Taken } from './exchanged.ts'

/** Messages back that an answer may refer to. */
const REMEMBERED = 200
/** Messages named to a party as taken, the latest last: more than a body is remembered over. */
const NAMED = 50
/** A message of which more rows were left out is not named as taken at all. */
const MOST_LEFT_OUT = limits.bundleDeletions / NAMED

export interface ReceivedFrom {
  /** The bundle taken last, which the next one answers. */
  readonly last: string | undefined
  /** What stands of what was taken, for the next message to say; undefined where it cannot be told. */
  readonly taken: readonly string[] | undefined
  /** Messages of ours that the party said it took this record from. */
  readonly tookOf: TookOf
  /** Imports of the messages that are named as taken. */
  readonly imports: readonly ImportJournalRow[]
}

export async function receivedFrom(state: State, party: string): Promise<ReceivedFrom> {
  const journal = await state.journal.list()
  const imports = journal
    .filter((row) => row.party === party && row.status === 'applied')
    .sort((left, right) => (left.id < right.id ? -1 : 1))
  const named = imports.filter(({ excluded }) => excluded.length <= MOST_LEFT_OUT).slice(-NAMED)
  // Somebody who is written to by another name than they sign with: nothing is known of them, not nothing taken.
  const isKnown = journal.length === 0 || journal.some((row) => row.party === party)
  return {
    last: idsOf(imports.filter(({ surface }) => surface === undefined)).at(-1),
    taken: isKnown ? idsOf(named) : undefined,
    tookOf: tookFrom(imports),
    imports: named,
  }
}

export type TookOf = (vault: string, collection: string, id: string) => ReadonlySet<string>

/** As the message says that was made last: what was taken back since is not taken. */
function tookFrom(imports: readonly ImportJournalRow[]): TookOf {
  const made = imports.toSorted((one, other) => (madeAt(one) < madeAt(other) ? -1 : 1))
  const last = made.at(-1)
  const took = new Set(last?.took)
  const rows = Object.entries(last?.leftOut ?? {}).flatMap(([vault, all]) =>
    all.map(({ collection, id, exchangeId }) => ({
      place: JSON.stringify([vault, collection, id]),
      exchangeId,
    })),
  )
  if (rows.length === 0) return () => took
  const leftOut = groupBy(rows, ({ place }) => place)
  return (...place) => {
    const not = leftOut.get(JSON.stringify(place))
    return not === undefined
      ? took
      : new Set([...took].filter((id) => !not.some((one) => one.exchangeId === id)))
  }
}

/** Ids of exchanges begin with their sender's time. */
function madeAt({ exchangeId }: ImportJournalRow): string {
  return exchangeId ?? ''
}

function idsOf(imports: readonly ImportJournalRow[]): string[] {
  return imports.flatMap(({ exchangeId }) => (exchangeId === null ? [] : [exchangeId]))
}

/** Messages of ours the sender says it took; null where it does not say. */
export async function takenBy(state: State, block: SenderBlock | null): Promise<Taken> {
  if (block === null) return null
  const { answers, taken } = block
  if (taken !== undefined) return new Set(taken)
  if (answers === undefined) return null
  const recipient = (await state.recipients.list()).find((row) => sentOf(row).includes(answers))
  const sent = recipient === undefined ? [] : sentOf(recipient)
  // Programs that name only the last one took those before it too, as far as can be known.
  return sent.length === 0 ? null : new Set(sent.slice(0, sent.indexOf(answers) + 1))
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
