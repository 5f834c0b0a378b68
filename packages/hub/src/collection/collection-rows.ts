/**
 * The rows of one collection: cached whole after the first operation, or read one by one where the
 * collection was declared `large`. Cached records never leave the hub themselves: `get`, `list` and
 * `entry` give copies, so that read-change-put works; queries give the frozen record, so that a change
 * by mistake throws instead of reaching the cache.
 */
import type { RowKey } from '../crypto/row-codec.ts'
import { TamperedError } from '../errors.ts'
import { isolate } from '../events/isolate.ts'
import { withCurrentKeys } from '../keyring/current-keys.ts'
import { assertMayRead } from '../keyring/roles.ts'
import type { VaultKeys } from '../keyring/vault-keys.ts'
import { validateRecord } from '../schema/validate.ts'
import { Slices } from '../transaction/slices.ts'
import { listOrder, readFound, readPages, readRows, type StoredRow } from '../transaction/store-write.ts'
import type { EncryptedEnvelope, NoydbStore } from '../types/store.ts'
import { deepFreeze, toJsonValue } from './json-value.ts'
import { readingKey } from './read-key.ts'
import type { RecentRows } from './recent-rows.ts'
import { rowOf, type Row } from './row.ts'

export interface RowsOptions {
  readonly store: NoydbStore
  readonly vault: string
  readonly collection: string
  readonly keys: VaultKeys
  readonly schema: unknown
  readonly large: boolean
  /** Where rows of `large` collections are remembered. */
  readonly recent: RecentRows
}

export class CollectionRows {
  readonly isLarge: boolean
  readonly #options: RowsOptions
  readonly #listeners = new Set<() => void>()
  #rows: Map<string, Row> | null = null
  #hydrating: Promise<Map<string, Row>> | null = null
  #snapshot: readonly Row[] | null = null

  constructor(options: RowsOptions) {
    this.#options = options
    this.isLarge = options.large
  }

  /** Fills the cache once, a promise only then; a `large` collection has none. A failed attempt leaves nothing behind. */
  ready(): Promise<void> | undefined {
    assertMayRead(this.#options.keys, this.#options.collection)
    return this.isLarge || this.#rows !== null ? undefined : this.#hydrate()
  }

  async #hydrate(): Promise<void> {
    this.#hydrating ??= withCurrentKeys(this.#options.keys, () => this.#readAll())
    try {
      this.#rows ??= await this.#hydrating
    } finally {
      this.#hydrating = null
    }
  }

  /** From the cache alone. */
  peek(id: string): Row | undefined {
    return this.#rows?.get(id)
  }

  get size(): number {
    return this.#rows?.size ?? 0
  }

  /** Cache order; empty before the first operation. The records are frozen. */
  snapshot(): readonly Row[] {
    if (this.#snapshot !== null) return this.#snapshot
    if (this.#rows === null) return [] // not kept: the first operation is what fills it
    const rows = [...this.#rows.values()]
    for (const row of rows) deepFreeze(row.record)
    this.#snapshot = rows
    return rows
  }

  /** Cache order, the records as they are. */
  cached(): readonly Row[] {
    return this.#snapshot ?? [...(this.#rows?.values() ?? [])]
  }

  async read(id: string): Promise<Row | undefined> {
    const hydrating = this.ready()
    if (hydrating !== undefined) await hydrating
    if (!this.isLarge) return this.peek(id)
    return this.#options.recent.get(this, id) ?? (await this.#readStored(id, true))
  }

  /** Past the cache. */
  readStored(id: string): Promise<Row | undefined> {
    return this.#readStored(id, false)
  }

  async #readStored(id: string, remember: boolean): Promise<Row | undefined> {
    const { store, vault, collection, keys, recent } = this.#options
    return withCurrentKeys(keys, async () => {
      const mark = recent.mark
      const envelope = await store.get(vault, collection, id)
      if (envelope === null) return undefined
      const row = await this.#decode(await readingKey(keys, collection), id, envelope)
      // Not what was on its way while somebody wrote.
      if (remember && recent.mark === mark) recent.set(this, id, row, envelope._data.length)
      return row
    })
  }

  /** Every row: from the cache, or a page at a time. */
  async *scan(): AsyncGenerator<Row> {
    await this.ready()
    if (!this.isLarge) return yield* this.snapshot()
    const { store, vault, collection } = this.#options
    yield* this.#decodePages(readPages(store, vault, collection))
  }

  /** The rows the store finds under any of these index tokens, a page at a time, past the cache. */
  async *found(tokens: readonly string[]): AsyncGenerator<Row> {
    await this.ready()
    const { store, vault, collection } = this.#options
    yield* this.#decodePages(readFound(store, vault, collection, tokens))
  }

  async *#decodePages(pages: AsyncIterable<readonly StoredRow[]>): AsyncGenerator<Row> {
    const { collection, keys } = this.#options
    const slices = new Slices()
    for await (const page of pages) {
      if (page.length === 0) continue
      const key = await readingKey(keys, collection)
      for (const { id, envelope } of page) {
        const row = await this.#decodeScanned(key, id, envelope)
        if (row !== undefined) yield row
        if (slices.due()) await slices.pause()
      }
    }
  }

  /** Takes over what another instance wrote to these rows. */
  async refresh(ids: readonly string[]): Promise<void> {
    if (this.isLarge) for (const id of ids) this.#options.recent.delete(this, id)
    if (this.#rows === null) return
    const { store, vault, collection } = this.#options
    const envelopes = await readRows(store, vault, collection, ids)
    for (const [at, id] of ids.entries()) {
      const envelope = envelopes[at]
      if (envelope === null || envelope === undefined) this.apply(id, null)
      else if (envelope._v !== this.peek(id)?.version) this.apply(id, await this.#decodeCurrent(id, envelope))
    }
  }

  /** After the store has it. Overwriting keeps the position. */
  apply(id: string, row: Row | null): void {
    if (this.isLarge) this.#options.recent.delete(this, id)
    if (this.#rows === null) return
    this.#snapshot = null
    if (row === null) this.#rows.delete(id)
    else this.#rows.set(id, row)
  }

  /** Called once for each transaction that changed this collection. */
  subscribe(listener: () => void): () => void {
    const own = (): void => listener() // the same function may be subscribed twice
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  changed(): void {
    for (const listener of this.#listeners) {
      isolate(`A listener of ${this.#options.collection}`, listener)
    }
  }

  /** Reads everything again where it was read before; until then the rows stay as they are. */
  async reload(): Promise<void> {
    if (this.isLarge) this.#options.recent.forget(this)
    if (this.#rows === null) return
    try {
      this.#rows = await this.#readAll()
      this.#snapshot = null
    } catch (error) {
      this.drop()
      throw error
    }
  }

  /** Whoever listens to these rows listens to `next` from now on. */
  replacedBy(next: CollectionRows): CollectionRows {
    for (const listener of this.#listeners) next.#listeners.add(listener)
    this.drop()
    return next
  }

  /** Forgets everything; the next operation reads the store again. */
  drop(): void {
    if (this.isLarge) this.#options.recent.forget(this)
    this.#rows = null
    this.#snapshot = null
  }

  async #readAll(): Promise<Map<string, Row>> {
    const { store, vault, collection, keys } = this.#options
    const order = await listOrder(store, vault, collection)
    const rows = new Map<string, Row>()
    const slices = new Slices()
    for await (const page of readPages(store, vault, collection)) {
      if (page.length === 0) continue
      const key = await readingKey(keys, collection)
      for (const { id, envelope } of page) {
        const row = this.#decode(key, id, envelope)
        rows.set(id, row instanceof Promise ? await row : row)
        if (slices.due()) await slices.pause(rows.size)
      }
    }
    return order === null ? rows : inOrder(rows, order)
  }

  /** A page and its key may be from before and after a rotation of keys; the row read again is not. */
  async #decodeScanned(key: RowKey, id: string, envelope: EncryptedEnvelope): Promise<Row | undefined> {
    try {
      return await this.#decode(key, id, envelope)
    } catch (error) {
      if (!(error instanceof TamperedError)) throw error
      return this.readStored(id)
    }
  }

  #decodeCurrent(id: string, envelope: EncryptedEnvelope): Promise<Row> {
    const { keys, collection } = this.#options
    return withCurrentKeys(keys, async () => this.#decode(await readingKey(keys, collection), id, envelope))
  }

  #decode(key: RowKey, id: string, envelope: EncryptedEnvelope): Row | Promise<Row> {
    const { keys, collection, schema } = this.#options
    const stored: unknown = JSON.parse(keys.codec.open(key, { collection, id }, envelope))
    if (schema === undefined) return rowOf(id, stored, envelope)
    const valid = validateRecord(schema, stored, 'output')
    if (!(valid instanceof Promise)) return rowOf(id, toJsonValue(valid), envelope)
    return valid.then((record) => rowOf(id, toJsonValue(record), envelope))
  }
}

/** Rows that were written since `order` was read come last. */
function inOrder(rows: ReadonlyMap<string, Row>, order: readonly string[]): Map<string, Row> {
  const ordered = new Map<string, Row>()
  for (const id of order) {
    const row = rows.get(id)
    if (row !== undefined) ordered.set(id, row)
  }
  for (const [id, row] of rows) ordered.set(id, row)
  return ordered
}
