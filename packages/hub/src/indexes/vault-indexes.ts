/**
 * The indexes of one vault: which ones its stored rows have tokens for, the tokens of rows being written, and building what a
 * collection declares and the store does not have yet. Only on stores that keep tokens.
 */
import { readingKey } from '../collection/read-key.ts'
import { mayRead } from '../keyring/roles.ts'
import { readPages } from '../transaction/store-write.ts'
import type { EncryptedEnvelope, NoydbStore, TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { INDEXES, NO_INDEXES, parseIndexRow, type StoredIndexes } from './index-row.ts'
import { TokenMaker } from './tokens.ts'

/** A store that can be asked for rows by token. */
export type TokenStore = NoydbStore & Required<Pick<NoydbStore, 'listByToken' | 'tx'>>

export function keepsTokens(store: NoydbStore): store is TokenStore {
  return store.listByToken !== undefined && store.tx !== undefined
}

export class VaultIndexes {
  readonly #core: VaultCore
  readonly #stored = new Map<string, StoredIndexes>()
  readonly #makers = new Map<string, TokenMaker>()
  /** The index rows as they were stored; few, so they come in one answer. */
  #rows: Promise<ReadonlyMap<string, EncryptedEnvelope>> | null = null

  constructor(core: VaultCore) {
    this.#core = core
  }

  /** Plaintext vaults have no key to make tokens with; they are read through. */
  get areKept(): boolean {
    return this.#core.keys.encrypted && keepsTokens(this.#core.store)
  }

  /** Starts reading what the first query and the first write will ask; whoever asks hears what went wrong. */
  lookAhead(): void {
    if (!this.areKept || this.#rows !== null) return
    this.#rows = this.#readRows()
    this.#rows.catch(() => undefined)
  }

  /** Read once in a session, unless a transaction lost a race. */
  async stored(collection: string): Promise<StoredIndexes> {
    const known = this.#stored.get(collection)
    if (known !== undefined) return known
    this.#rows ??= this.#readRows()
    const stored = await this.#open(collection, (await this.#rows).get(collection))
    this.#stored.set(collection, stored)
    return stored
  }

  isKnown(collection: string): boolean {
    return this.#stored.has(collection)
  }

  /** From memory alone; for a collection that `stored` was asked about. */
  known(collection: string): StoredIndexes {
    return this.#stored.get(collection) ?? NO_INDEXES
  }

  note(collection: string, stored: StoredIndexes): void {
    this.#stored.set(collection, stored)
  }

  /** The next question reads the store again. */
  forget(): void {
    this.#stored.clear()
    this.#makers.clear()
    this.#rows = null
  }

  /** The tokens a row gets; null where its collection has no index. `record` undefined = deleted. */
  tokenOp({ indexes }: StoredIndexes, collection: string, id: string, record: unknown): TxOp | null {
    if (indexes.length === 0) return null
    const tokens = record === undefined ? [] : this.maker(collection).tokensOf(indexes, record)
    return { vault: this.#core.name, collection, id, op: 'index', tokens }
  }

  /** Fails the transaction when another writer has changed what is indexed. */
  checkOp(collection: string): TxOp {
    const expectedVersion = this.known(collection).version
    return { vault: this.#core.name, collection: INDEXES, id: collection, op: 'check', expectedVersion }
  }

  /** Needs the collection's key in memory. */
  maker(collection: string): TokenMaker {
    const key = this.#core.keys.held(collection)
    if (key === undefined || key === null) throw new Error(`The key of ${collection} is not in memory.`)
    let maker = this.#makers.get(collection)
    if (maker?.dataKey !== key) this.#makers.set(collection, (maker = new TokenMaker(key)))
    return maker
  }

  async #readRows(): Promise<ReadonlyMap<string, EncryptedEnvelope>> {
    const rows = new Map<string, EncryptedEnvelope>()
    try {
      for await (const page of readPages(this.#core.store, this.#core.name, INDEXES))
        for (const { id, envelope } of page) rows.set(id, envelope)
      return rows
    } catch (error) {
      this.#rows = null
      throw error
    }
  }

  async #open(collection: string, envelope: EncryptedEnvelope | undefined): Promise<StoredIndexes> {
    const { keys } = this.#core
    if (envelope === undefined || !mayRead(keys, collection)) return NO_INDEXES
    return parseIndexRow(this.#core, await readingKey(keys, collection), collection, envelope)
  }
}
