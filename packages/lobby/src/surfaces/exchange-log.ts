/** The log of one agreement as a file, and what two offices' logs say about each other. */
import { z } from 'zod'
import { limits } from '@noy-db/hub'
import { canonicalJson } from '../canonical-json.ts'
import { jsonEquals } from '@noy-db/hub/kernel'
import type { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import { Hash, Name, readSurfaceFile } from './file-shapes.ts'
import { isIntact, type CollectionContent, type ExchangeEntry } from './exchange-entry.ts'
import { ExchangeRows } from './exchange-rows.ts'
import { ownMember } from './own-member.ts'
import { surfaceLimits } from './limits.ts'

const Content = z.strictObject({
  records: z.int().min(0),
  sha256: Hash,
  gone: z.array(z.string().min(1).max(limits.idBytes)).optional(),
})
const Entry = z.strictObject({
  surface: Name,
  seq: z.int().min(1),
  kind: z.enum(['sent', 'received']),
  version: z.int().min(1).nullable(),
  exchangeId: Name,
  sequence: z.int().min(1).nullable(),
  base: z.int().min(1).nullable(),
  at: z.iso.datetime(),
  collections: z.record(Name, Content),
  excluded: z
    .array(z.strictObject({ collection: Name, id: z.string().min(1).max(limits.idBytes) }))
    .optional(),
  importId: Name.optional(),
  previous: Hash.nullable(),
  hash: Hash,
})
const LogShape = z.strictObject({ noydbSurfaceLog: z.literal(1), entries: z.array(Entry) })

/** In log order. */
export function listExchanges(state: StateManagementVault, surfaceId: string): Promise<ExchangeEntry[]> {
  return new ExchangeRows(state._vault).entries(surfaceId)
}

export interface ExchangePosition {
  /** Number of the last delivery that was sent; 0 = none. */
  readonly sent: number
  /** Of the last one the other party's receipts say it has taken. */
  readonly acknowledged: number
  /** Of the last one that was taken here. */
  readonly received: number
}

/** How far the deliveries of a signed agreement have come. */
export async function exchangePosition(
  state: StateManagementVault,
  surfaceId: string,
): Promise<ExchangePosition> {
  const { head } = await new ExchangeRows(state._vault).head(surfaceId)
  const { sent, acknowledged, received } = head
  return { sent, acknowledged, received: received?.sequence ?? 0 }
}

export function encodeExchangeLog(entries: readonly ExchangeEntry[]): string {
  return `${canonicalJson({ noydbSurfaceLog: 1, entries })}\n`
}

/** @throws LobbyError SURFACE_FILE_INVALID. Whether the chain holds is for `compareExchangeLogs` to say. */
export function decodeExchangeLog(file: Uint8Array | string): ExchangeEntry[] {
  const most = { what: 'exchange log', maxBytes: surfaceLimits.surfaceLogBytes }
  // zod's optional members may be undefined to the compiler; JSON has none.
  return readSurfaceFile(file, LogShape, most).entries as ExchangeEntry[]
}

export type Divergence =
  /** That side's chain is broken at this line: altered, removed or moved. */
  | { readonly kind: 'broken'; readonly side: 'ours' | 'theirs'; readonly seq: number }
  /** Received by one, never sent by the other. */
  | {
      readonly kind: 'unknown'
      readonly side: 'ours' | 'theirs'
      readonly seq: number
      readonly exchangeId: string
    }
  /** Sent, passed over, and a later one was received. */
  | {
      readonly kind: 'lost'
      readonly side: 'ours' | 'theirs'
      readonly seq: number
      readonly exchangeId: string
    }
  /** Both have it, with different content or under different terms; `collection` is null for the latter. */
  | {
      readonly kind: 'differs'
      readonly side: 'ours' | 'theirs'
      readonly seq: number
      readonly exchangeId: string
      readonly collection: string | null
    }

export interface LogComparison {
  /** Deliveries both logs have alike. */
  readonly agreed: number
  /** Sent and not received yet, with nothing later received. */
  readonly underway: number
  /** `side` is whose line it is. Null where the logs agree. */
  readonly first: Divergence | null
}

/** In the order of our log, then of theirs. A lost delivery does no harm (the next one makes it good), but both should know. */
export function compareExchangeLogs(
  ours: readonly ExchangeEntry[],
  theirs: readonly ExchangeEntry[],
): LogComparison {
  const broken = brokenAt(ours, 'ours') ?? brokenAt(theirs, 'theirs')
  if (broken !== null) return { agreed: 0, underway: 0, first: broken }
  const sent = compareSent(ours, theirs, 'ours')
  const received = compareSent(theirs, ours, 'theirs')
  const found = [...sent.divergences, ...received.divergences]
  return {
    agreed: sent.agreed + received.agreed,
    underway: sent.underway + received.underway,
    first: found[0] ?? null,
  }
}

function brokenAt(entries: readonly ExchangeEntry[], side: 'ours' | 'theirs'): Divergence | null {
  for (const [at, entry] of entries.entries()) {
    const previous = entries[at - 1]?.hash ?? null
    if (entry.seq !== at + 1 || entry.previous !== previous || !isIntact(entry))
      return { kind: 'broken', side, seq: at + 1 }
  }
  return null
}

interface SentComparison {
  readonly agreed: number
  readonly underway: number
  readonly divergences: readonly Divergence[]
}

function compareSent(
  sender: readonly ExchangeEntry[],
  receiver: readonly ExchangeEntry[],
  side: 'ours' | 'theirs',
): SentComparison {
  const sent = sender.filter(({ kind }) => kind === 'sent')
  const taken = new Map(
    receiver.flatMap((entry) => (entry.kind === 'received' ? [[entry.exchangeId, entry] as const] : [])),
  )
  const last = sent.findLastIndex(({ exchangeId }) => taken.has(exchangeId))
  const passed = sent.slice(0, last + 1)
  const differing = passed.flatMap((entry) => differenceOf(entry, taken.get(entry.exchangeId), side))
  const known = new Set(sent.map(({ exchangeId }) => exchangeId))
  const unknown = [...taken.values()].filter(({ exchangeId }) => !known.has(exchangeId))
  const otherSide = side === 'ours' ? 'theirs' : 'ours'
  return {
    agreed: passed.length - differing.length,
    underway: sent.length - passed.length,
    divergences: [
      ...differing,
      ...unknown.map(
        ({ seq, exchangeId }) => ({ kind: 'unknown' as const, side: otherSide, seq, exchangeId }) as const,
      ),
    ],
  }
}

function differenceOf(
  sent: ExchangeEntry,
  taken: ExchangeEntry | undefined,
  side: 'ours' | 'theirs',
): Divergence[] {
  const { seq, exchangeId } = sent
  if (taken === undefined) return [{ kind: 'lost', side, seq, exchangeId }]
  const isSameFrame =
    sent.version === taken.version && sent.sequence === taken.sequence && sent.base === taken.base
  if (!isSameFrame) return [{ kind: 'differs', side, seq, exchangeId, collection: null }]
  const names = [...new Set([...Object.keys(sent.collections), ...Object.keys(taken.collections)])].sort()
  const collection = names.find(
    (name) => !isSame(ownMember(sent.collections, name), ownMember(taken.collections, name)),
  )
  return collection === undefined ? [] : [{ kind: 'differs', side, seq, exchangeId, collection }]
}

function isSame(left: CollectionContent | undefined, right: CollectionContent | undefined): boolean {
  return left !== undefined && right !== undefined && jsonEquals(left, right)
}
