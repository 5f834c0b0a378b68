/** How far the exchanges of each agreement have come, and the log of them, in the state vault. */
import type { Transaction, VaultApi } from '@noy-db/hub'
import { StateRows } from '../state-rows.ts'
import { chainEntry, type EntryContent, type ExchangeEntry } from './exchange-entry.ts'
import { numberedRow, rowPrefix } from './row-ids.ts'

/** Row of `surfaceHeads`, one per agreement. */
export interface ExchangeHead {
  readonly surface: string
  readonly seq: number
  readonly hash: string | null
  /** Sequence of the last delivery that was sent. */
  readonly sent: number
  /** The last delivery the other party says it has taken; 0 = none, so that the next one is full. */
  readonly acknowledged: number
  /** The last delivery that was taken here. */
  readonly received: {
    readonly sequence: number
    readonly exchangeId: string
    readonly importId: string
  } | null
  /** What the other party said last that it took of ours, bundles included. */
  readonly took?: Took
}

export interface Took {
  /** ISO-8601, by the other party's clock. */
  readonly at: string
  readonly ids: readonly string[]
}

export interface StoredHead {
  readonly head: ExchangeHead
  readonly version: number
}

export class ExchangeRows {
  readonly #heads: StateRows<ExchangeHead>
  readonly #entries: StateRows<ExchangeEntry>

  constructor(vault: VaultApi) {
    this.#heads = new StateRows(vault, 'surfaceHeads')
    this.#entries = new StateRows(vault, 'surfaceLog')
  }

  async head(surface: string): Promise<StoredHead> {
    const stored = await this.#heads.get(surface)
    const none = { surface, seq: 0, hash: null, sent: 0, acknowledged: 0, received: null }
    return { head: stored?.row ?? none, version: stored?.version ?? 0 }
  }

  /** In log order. */
  entries(surface: string): Promise<ExchangeEntry[]> {
    return this.#entries.list(rowPrefix(surface))
  }

  /** The next entry, and what it changes of the head; refused by the store where another exchange was faster. */
  append(
    tx: Transaction,
    { head, version }: StoredHead,
    content: EntryContent,
    change: Partial<Pick<ExchangeHead, 'sent' | 'received' | 'took'>>,
  ): void {
    const entry = chainEntry(content, head)
    const { seq, hash, surface } = entry
    this.#entries.put(tx, numberedRow(rowPrefix(surface), seq), entry, 0)
    this.#heads.put(tx, surface, { ...head, ...change, seq, hash }, version)
  }

  put(tx: Transaction, { head, version }: StoredHead): void {
    this.#heads.put(tx, head.surface, head, version)
  }
}
