/** The records of one collection of one client: searched, sorted, loaded page by page as the table scrolls. */
import type { RecordRow } from '../../src-shared/ipc/clients.ts'
import { api, on } from '../lib/api.ts'

const pageSize = 200
const typingMs = 120

export interface RecordSort {
  readonly path: string
  readonly direction: 'asc' | 'desc'
}

export class RecordList {
  readonly vaultId: string
  readonly collection: string
  rows = $state.raw<readonly RecordRow[]>([])
  total = $state(0)
  loaded = $state(false)
  error = $state.raw<unknown>()
  search = $state('')
  sort = $state.raw<RecordSort>()
  #run = 0
  #busy = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(vaultId: string, collection: string) {
    this.vaultId = vaultId
    this.collection = collection
  }

  /** Refetches when this client's records change. */
  follow(): () => void {
    return on('clients:changed', ({ vaultIds }) => {
      if (vaultIds.includes(this.vaultId)) this.reloadSoon(0)
    })
  }

  /** What is loaded now, again: as many rows, from the first. */
  async reload(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#fetch(0, Math.max(pageSize, Math.min(500, this.rows.length)))
  }

  readonly reloadSoon = (delay = typingMs): void => {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.reload(), delay)
  }

  readonly loadMore = (): void => {
    if (!this.#busy && this.rows.length < this.total) void this.#fetch(this.rows.length, pageSize)
  }

  async #fetch(offset: number, limit: number): Promise<void> {
    const run = ++this.#run
    const { vaultId, collection, search, sort } = this
    this.#busy = true
    try {
      const page = await api.clients.records({
        vaultId,
        collection,
        search,
        offset,
        limit,
        ...(sort && { sort }),
      })
      if (run !== this.#run) return
      this.rows = offset === 0 ? page.rows : [...this.rows, ...page.rows]
      this.total = page.total
      this.error = undefined
      this.loaded = true
    } catch (error) {
      if (run === this.#run) this.error = error
    } finally {
      if (run === this.#run) this.#busy = false
    }
  }
}
