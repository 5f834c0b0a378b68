/** One line of the exchange log: what left, or came in, and under which version, chained to the line before it. */
import { createHash } from 'node:crypto'
import { canonicalJson, hashJson } from '../canonical-json.ts'
import type { Pace } from '../pace.ts'
import type { Content } from './confinement.ts'
import { ownMember } from './own-member.ts'

export interface CollectionContent {
  readonly records: number
  /** SHA-256 over the records in id order, each as canonical JSON of [id, body] and a line end. */
  readonly sha256: string
  /** Ids of records that are gone, in order; absent where none are. */
  readonly gone?: readonly string[]
}

export interface ExchangeEntry {
  readonly surface: string
  /** From 1, in this office's log of this surface. */
  readonly seq: number
  readonly kind: 'sent' | 'received'
  /** Version of the agreement; null without signatures. */
  readonly version: number | null
  /** The same on both sides. */
  readonly exchangeId: string
  /** Place in the sender's sequence; null without signatures. */
  readonly sequence: number | null
  readonly base: number | null
  /** ISO-8601, by this office's clock. */
  readonly at: string
  readonly collections: Readonly<Record<string, CollectionContent>>
  /** Records that were left out by name, of `received`. */
  readonly excluded?: readonly { readonly collection: string; readonly id: string }[]
  /** Import that took it, of `received`. */
  readonly importId?: string
  /** Hash of the entry before; null for the first. */
  readonly previous: string | null
  /** SHA-256 of the canonical JSON of all the rest. */
  readonly hash: string
}

export type EntryContent = Omit<ExchangeEntry, 'seq' | 'previous' | 'hash'>

export function chainEntry(content: EntryContent, head: { seq: number; hash: string | null }): ExchangeEntry {
  const entry = { ...content, seq: head.seq + 1, previous: head.hash }
  return { ...entry, hash: hashJson(entry) }
}

export function isIntact({ hash, ...entry }: ExchangeEntry): boolean {
  return hashJson(entry) === hash
}

export type GoneIds = Readonly<Record<string, readonly string[]>>

/** The same on both sides: taken from the bundle as it was read back, or as it was opened. */
export async function contentOf(
  content: Content,
  gone: GoneIds,
  slices: Pace,
): Promise<Record<string, CollectionContent>> {
  const names = [...new Set([...Object.keys(content), ...Object.keys(gone)])].sort()
  const found: Array<[string, CollectionContent]> = []
  for (const name of names) {
    const records = ownMember(content, name) ?? []
    const hash = createHash('sha256')
    for (const { id, record } of [...records].sort((left, right) => (left.id < right.id ? -1 : 1))) {
      await slices.step()
      hash.update(`${canonicalJson([id, record])}\n`)
    }
    const ids = ownMember(gone, name)
    const sha256 = hash.digest('hex')
    found.push([name, { records: records.length, sha256, ...(ids !== undefined && { gone: ids }) }])
  }
  return Object.fromEntries(found)
}
