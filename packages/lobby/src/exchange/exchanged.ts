/**
 * What a party may have of one record, as a chain of exchanged bodies: the one received last, then those sent since. A
 * message can be lost, so a body that was sent counts only once the party says that it took the message; until then the
 * one before it is what its edits started from. Pure; kept in rows by bases.ts.
 */
import { jsonEquals } from '@noy-db/hub/kernel'
import { fingerprintOf } from '../identity/keys.ts'
import type { SenderBlock } from '../identity/types.ts'
import type { Body } from '../import/types.ts'
import { mergeThreeWay } from '../interchange/three-way.ts'
import { isObject } from '../interchange/record-path.ts'
import { overlay, sliceOf } from '../import/row-shape.ts'

export interface Exchanged {
  readonly exchangeId: string
  /** Later messages that carried the same body, the latest last. */
  readonly again?: readonly string[]
  /** The record's version here that holds this body; 0 where none does. */
  readonly version: number
  /** Null: the record was deleted. */
  readonly body: Body | null
  readonly direction: 'sent' | 'received'
  /** When the exchange took place here. */
  readonly at: string
  /** When the received body was written at its origin. */
  readonly originTime?: string
  /** Of a received body: whose message it was, and which of its messages. */
  readonly message?: MessageNumber
}

export interface MessageNumber {
  /** Fingerprint of the key it was signed with. */
  readonly by: string
  readonly sequence: number
}

/** For a plan: nothing of an unsigned message, whose place among others nobody knows. */
export function messageOf(block: SenderBlock | null | undefined): { readonly message?: MessageNumber } {
  if (block === null || block === undefined) return {}
  return { message: { by: fingerprintOf(block.publicKey), sequence: block.sequence } }
}

/** Oldest first. */
export type Chain = readonly Exchanged[]

/** Ids of our messages a party says it took; null where it does not say. */
export type Taken = ReadonlySet<string> | null

/** Of one record: without the messages it was left out of. */
export function takenWithout(taken: Taken, leftOut: readonly string[] | undefined): Taken {
  if (taken === null || leftOut === undefined) return taken
  return new Set([...taken].filter((id) => !leftOut.includes(id)))
}

/** Bodies remembered of one record, and messages remembered of one body. Beyond them a conflict is asked once more. */
const BODIES = 8
const MESSAGES = 12

/**
 * The body the party's edits started from: the latest one it is known to have. Where it does not say what it took, one
 * counts only if it is the same whatever it took. Null = not known.
 */
export function ancestorOf(chain: Chain, taken: Taken): Exchanged | null {
  if (taken !== null) return chain.findLast((one) => isWith(one, taken)) ?? null
  const [first, ...rest] = chain.slice(Math.max(0, lastReceivedAt(chain)))
  if (first === undefined || !rest.every(({ body }) => jsonEquals(body, first.body))) return null
  return rest.at(-1) ?? first
}

/** Whether the party has it for sure. */
export function isWith(
  { direction, exchangeId, again = [] }: Exchanged,
  taken: ReadonlySet<string>,
): boolean {
  return direction === 'received' || taken.has(exchangeId) || again.some((id) => taken.has(id))
}

function lastReceivedAt(chain: Chain): number {
  return chain.findLastIndex(({ direction }) => direction === 'received')
}

/** The body received last; undefined where none was. */
export function receivedIn(chain: Chain): Exchanged | undefined {
  return chain[lastReceivedAt(chain)]
}

/** With what is sent now; the same chain where the party has it already. */
export function afterSending(chain: Chain, sent: Exchanged, taken: ReadonlySet<string>): Chain {
  const last = chain.at(-1)
  if (last === undefined || !jsonEquals(last.body, sent.body)) return [...chain, sent].slice(-BODIES)
  if (isWith(last, taken)) return chain
  const again = [...(last.again ?? []), sent.exchangeId].slice(-MESSAGES)
  return [...chain.slice(0, -1), { ...last, again }]
}

/**
 * With what was received now. Bodies that crossed it on their way stay possible: should the party take one later, its
 * edits start from that body and this one merged, at an overlap from its own side.
 */
export function afterReceipt(
  chain: Chain,
  received: Exchanged,
  taken: Taken,
  fields: readonly string[] | undefined,
): Chain {
  if (taken === null) return [received]
  const ancestor = ancestorOf(chain, taken)
  const crossing = chain.slice(ancestor === null ? 0 : chain.indexOf(ancestor) + 1)
  const merged = crossing.map((sent) => ({
    ...sent,
    body: mergedBody(ancestor?.body, sent.body, received.body, fields),
  }))
  return merged.every(({ body }) => jsonEquals(body, received.body)) ? [received] : [received, ...merged]
}

function mergedBody(
  base: Body | null | undefined,
  sent: Body | null,
  received: Body | null,
  fields: readonly string[] | undefined,
): Body | null {
  if (sent === null || received === null || base === null) {
    return jsonEquals(base, received) ? sent : received
  }
  const [from, ours] = [base ?? {}, sent].map((body) => sliceOf(body, fields))
  const { merged } = mergeThreeWay(from, received, ours)
  return isObject(merged) ? overlay(sent, merged, fields) : received
}

/** The chain before the receipt that is undone, with what was sent after it. */
export function withoutReceipt(before: Chain, now: Chain): Chain {
  const known = new Set(before.map(({ exchangeId }) => exchangeId))
  const since = now.filter(({ direction, exchangeId }) => direction === 'sent' && !known.has(exchangeId))
  return [...before, ...since].slice(-BODIES)
}

/** A message that was sent before the one this record was received with last: it says nothing new. */
export function isOlder(message: MessageNumber | undefined, chain: Chain): boolean {
  const last = receivedIn(chain)?.message
  return message !== undefined && last?.by === message.by && message.sequence < last.sequence
}
