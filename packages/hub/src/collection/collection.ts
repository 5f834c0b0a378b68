/** One collection of a vault, as callers see it. Records go in and come out as copies. */
import { readHistory, readVersion } from '../history/history.ts'
import { ValidationError } from '../errors.ts'
import { Query } from '../query/query.ts'
import { validateRecord } from '../schema/validate.ts'
import { commit } from '../transaction/commit.ts'
import { Slices } from '../transaction/slices.ts'
import { Staging } from '../transaction/staging.ts'
import { withoutProgress } from '../transaction/prepare.ts'
import type {
  CollectionApi,
  DeleteOptions,
  LongWork,
  PutOptions,
  PutRow,
  RecordEntry,
  RecordMetadata,
} from '../types/collection.ts'
import type { CollectionState, VaultCore } from '../vault/vault-core.ts'
import { cloneJson } from './json-value.ts'
import { CollectionSource } from './query-source.ts'
import { clearOf, entryOf, metadataOf, type Row } from './row.ts'

export class Collection<T = unknown> implements CollectionApi<T> {
  readonly name: string
  readonly #core: VaultCore
  readonly #state: CollectionState

  constructor(core: VaultCore, state: CollectionState) {
    this.name = state.name
    this.#core = core
    this.#state = state
  }

  /** The vault this collection is part of. */
  get vaultName(): string {
    return this.#core.name
  }

  async get(id: string): Promise<T | null> {
    const row = await this.#read(id)
    return row === undefined ? null : (cloneJson(row.record) as T) // the type is the caller's claim
  }

  async put(id: string, record: T, options: PutOptions = {}): Promise<void> {
    const staging = new Staging()
    staging.batch(this.#core).put(this.name, id, record, options)
    await commit(this.#core.session, staging, { command: 'put' })
  }

  /** An absent id is fine. */
  async delete(id: string, options: DeleteOptions = {}): Promise<void> {
    const staging = new Staging()
    staging.batch(this.#core).delete(this.name, id, options)
    await commit(this.#core.session, staging, { command: 'delete' })
  }

  async putMany(rows: Iterable<PutRow<T>>, options: PutOptions & LongWork = {}): Promise<void> {
    const { signal: _signal, onProgress: _onProgress, ...shared } = options
    const staging = new Staging()
    const batch = staging.batch(this.#core)
    const slices = new Slices(withoutProgress(options))
    for (const { id, record, options: own } of rows) {
      batch.put(this.name, id, record, own === undefined ? shared : { ...shared, ...own })
      if (slices.due()) await slices.pause()
    }
    await commit(this.#core.session, staging, { ...options, command: 'putMany' })
  }

  /** In cache order: the store's order at the first operation, then the order of first insertion. */
  async list(): Promise<T[]> {
    return this.#mapRows((row) => cloneJson(row.record) as T) // as in `get`
  }

  async entry(id: string): Promise<RecordEntry<T> | null> {
    const row = await this.#read(id)
    return row === undefined ? null : entryOf<T>(row)
  }

  async entries(): Promise<RecordEntry<T>[]> {
    return this.#mapRows((row) => entryOf<T>(row))
  }

  async count(): Promise<number> {
    const { rows } = this.#state
    await rows.ready()
    return rows.isLarge ? (await this.#core.store.list(this.#core.name, this.name)).length : rows.size
  }

  query(): Query<T> {
    return new Query<T>(new CollectionSource(this.#core, this.#state))
  }

  async validateInput(record: T): Promise<T> {
    return (await validateRecord(this.#state.options.schema, record, 'input')) as T // the schema's output type is T
  }

  async getMetadata(id: string): Promise<RecordMetadata | null> {
    this.#core.session.assertOpen()
    const envelope = await this.#core.store.get(this.#core.name, this.name, id)
    return envelope === null ? null : metadataOf(clearOf(envelope))
  }

  async history(id: string): Promise<RecordEntry<T>[]> {
    await this.#ready(id)
    return (await readHistory(this.#core, this.name, id)).map((row) => entryOf<T>(row))
  }

  async version(id: string, version: number): Promise<RecordEntry<T> | null> {
    await this.#ready(id)
    const row = await readVersion(this.#core, this.name, id, version)
    return row === null ? null : entryOf<T>(row)
  }

  #read(id: string): Promise<Row | undefined> {
    this.#checkId(id)
    return this.#state.rows.read(id)
  }

  async #ready(id: string): Promise<void> {
    this.#checkId(id)
    await this.#state.rows.ready()
  }

  #checkId(id: string): void {
    this.#core.session.assertOpen()
    // Longer than any stored id is simply not there.
    if (typeof id !== 'string') throw new ValidationError('A record id is a text.')
  }

  /** Over the rows as they are at the call, copied in slices. */
  async #mapRows<R>(map: (row: Row) => R): Promise<R[]> {
    this.#core.session.assertOpen()
    const { rows } = this.#state
    await rows.ready()
    const mapped: R[] = []
    const slices = new Slices()
    const source = rows.isLarge ? rows.scan() : rows.cached()
    if (Array.isArray(source)) {
      for (const row of source as readonly Row[]) {
        mapped.push(map(row))
        if (slices.due()) await slices.pause()
      }
    } else for await (const row of source) mapped.push(map(row))
    return mapped
  }
}
