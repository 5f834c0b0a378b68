/** One export of records in clear: what of which clients, in which format, how far it is, and the file it made. */
import type { InputOf, OutputOf } from '../../src-shared/ipc/contract.ts'
import type { JobProgress } from '../../src-shared/ipc/events.ts'
import type { CsvSeparator, TableFormat } from '../../src-shared/ipc/exports.ts'
import { api, call, isCode } from '../lib/api.ts'
import { Resource } from './resource.svelte.ts'

export interface TableClient {
  readonly vaultId: string
  readonly name: string
}

/** What a list shows of a client's records: one collection, and what was searched for in it. */
export interface ShownRecords {
  readonly collection: string
  readonly search: string
}

type Collection = OutputOf<'exports.tableFacts'>['collections'][number]

export class TableExport {
  clients = $state.raw<readonly TableClient[]>([])
  /** Empty where the list shows everything. */
  search = $state('')
  readonly facts = new Resource(() =>
    api.exports.tableFacts({ vaults: this.clients.map(({ vaultId }) => vaultId), search: this.search }),
  )
  format = $state<TableFormat>('xlsx')
  separator = $state<CsvSeparator>('comma')
  /** Only what the search finds; else everything. */
  onlyFound = $state(false)
  /** A person lets the format leave from now on. */
  allow = $state(false)
  made = $state.raw<OutputOf<'exports.tables'>>()
  progress = $state.raw<JobProgress>()
  busy = $state(false)
  failure = $state.raw<unknown>()
  #chosen = $state.raw<readonly string[] | undefined>()
  #abort: AbortController | undefined

  readonly collections: readonly Collection[] = $derived(this.facts.value?.collections ?? [])
  /** Those that hold something, until a person says otherwise. */
  readonly chosen = $derived(
    this.#chosen ?? this.collections.filter((one) => this.recordsOf(one) > 0).map(({ name }) => name),
  )
  readonly records = $derived(
    this.collections
      .filter(({ name }) => this.chosen.includes(name))
      .reduce((sum, one) => sum + this.recordsOf(one), 0),
  )
  /** Everything there is in the clients, and what of it the search finds. */
  readonly total = $derived(this.collections.reduce((sum, { records }) => sum + records, 0))
  readonly found = $derived(this.collections.reduce((sum, { found }) => sum + found, 0))
  /** Names of clients whose records have not left in this format before. */
  readonly withheld = $derived(
    this.facts.value?.withheld.find(({ format }) => format === this.format)?.clients ?? [],
  )
  readonly complete = $derived(
    this.facts.value !== undefined &&
      this.chosen.length > 0 &&
      this.records > 0 &&
      (this.withheld.length === 0 || this.allow),
  )
  /** One table alone is a file; several are an archive of files. */
  readonly isArchive = $derived(this.format === 'csv' && this.clients.length * this.chosen.length > 1)

  constructor(clients: readonly TableClient[], shown?: ShownRecords) {
    this.clients = clients
    this.search = shown?.search.trim() ?? ''
    this.onlyFound = this.search !== ''
    if (shown !== undefined && this.onlyFound) this.#chosen = [shown.collection]
  }

  recordsOf({ records, found }: Collection): number {
    return this.onlyFound ? found : records
  }

  take(format: TableFormat): void {
    this.format = format
    this.allow = false
  }

  choose(names: readonly string[]): void {
    this.#chosen = names
  }

  request(): InputOf<'exports.tables'> {
    const order = this.collections.map(({ name }) => name).filter((name) => this.chosen.includes(name))
    return {
      format: this.format,
      vaults: this.clients.map(({ vaultId }) => vaultId),
      collections: order,
      search: this.onlyFound ? this.search : '',
      separator: this.separator,
      allow: this.allow,
    }
  }

  /** Stopped by the person it leaves nothing, and is no failure. */
  async run(): Promise<void> {
    const abort = new AbortController()
    this.#abort = abort
    this.busy = true
    this.failure = undefined
    try {
      this.made = await call('exports.tables', this.request(), {
        signal: abort.signal,
        onProgress: (progress) => (this.progress = progress),
      })
    } catch (error) {
      if (!isCode(error, 'CANCELLED')) this.failure = error
      // What was allowed meanwhile is not asked again.
      await this.facts.fetch()
    } finally {
      this.busy = false
      this.progress = undefined
    }
  }

  stop(): void {
    this.#abort?.abort()
  }
}
