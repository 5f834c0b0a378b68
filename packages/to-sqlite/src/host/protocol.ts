/**
 * What the caller's side and the storage host say to each other. Both sides derive from `HostCalls`:
 * a call missing on one side does not compile. Messages are batches, answered by batches, in order.
 */
import type { Failure } from '../failures.ts'

export type Cell = string | number | null

/** An envelope takes: v, ts, iv, data, by, source, sourceTs, aad, extra. */
export const envelopeCells = 9

/** What a transaction operation's first cell says. */
export const opKinds = { put: 0, delete: 1, copy: 2, check: 3, index: 4 } as const

export interface HostSettings {
  readonly file: string
  readonly create: boolean
  readonly durability: 'full' | 'normal'
  readonly owner: string
  readonly faults?: StoreFaults
}

/** Faults that tests ask for. They act on the real connection. */
export interface StoreFaults {
  /** The disk is full once the file has grown by this many pages. */
  readonly growthPages?: number
  /** The host kills its own process after this many operations of one transaction. Only with `host: 'process'`. */
  readonly dieAfterOps?: number
}

/** Rows of one reply: ids and envelopes as flat cells. `more` says that the collection goes on after the last. */
export interface RowSlice {
  readonly cells: readonly Cell[]
  readonly more: boolean
}

export interface CollectionStats {
  readonly name: string
  readonly records: number
  readonly bytes: number
}

export interface HostCalls {
  open(settings: HostSettings): void
  ping(): true
  get(vault: string, collection: string, id: string): readonly Cell[] | null
  /** Cells as `pushEnvelope` makes them. `expected` null means any version. */
  put(vault: string, collection: string, id: string, expected: number | null, cells: readonly Cell[]): void
  delete(vault: string, collection: string, id: string): void
  /** At most `limit` rows after `after`, fewer when they are large. Each row: id, then its envelope. */
  rows(vault: string, collection: string, after: string | null, limit: number): RowSlice
  /** The same of the rows found under any of these tokens. */
  byToken(
    vault: string,
    collection: string,
    tokens: readonly string[],
    after: string | null,
    limit: number,
  ): RowSlice
  ids(vault: string, collection: string, after: string | null, limit: number): string[]
  idsSince(vault: string, collection: string, since: string, after: string | null, limit: number): string[]
  /** One envelope per id, in order; a null version where there is no row. */
  many(vault: string, collection: string, ids: readonly string[]): readonly Cell[]
  vaults(): string[]
  collections(vault: string): string[]
  stats(vault: string): CollectionStats[]
  /** A whole transaction in one message. */
  tx(ops: readonly Cell[]): void
  /** A transaction in slices: begin, any of drop and slice, commit. A failing slice has rolled everything back. */
  txBegin(): void
  txDropUserCollections(vault: string): void
  txSlice(ops: readonly Cell[]): void
  txCommit(): void
  txAbort(): void
  integrityCheck(): string[]
  backup(path: string): void
  close(): void
}

export type CallName = keyof HostCalls

export type Request = readonly [sequence: number, call: CallName, args: readonly unknown[]]

/** Sequence 0 is the host itself: ready, or why it cannot serve. */
export type Reply = readonly [sequence: number, value: unknown, failure?: Failure]

/** The host's end of a thread port or process channel. */
export interface HostPort {
  post(replies: readonly Reply[]): void
  onRequests(listener: (requests: readonly Request[]) => void): void
  /** The other side is gone. */
  onGone(listener: () => void): void
  end(): void
}
