/** What was written against rules and into closed periods, newest first, of all clients or of one. */
import type { ExceptionRow } from '../../src-shared/ipc/periods.ts'
import { api, on } from '../lib/api.ts'

const pageSize = 200

export class ExceptionList {
  rows = $state.raw<readonly ExceptionRow[]>([])
  total = $state(0)
  loaded = $state(false)
  error = $state.raw<unknown>()
  #vault = ''
  #run = 0

  follow(): () => void {
    const stops = (['clients:changed', 'conflicts:changed'] as const).map((name) =>
      on(name, () => void this.load(this.#vault)),
    )
    return () => stops.forEach((stop) => stop())
  }

  /** @param vault id of the one client that is asked about; empty for all */
  async load(vault: string): Promise<void> {
    this.#vault = vault
    await this.#fetch(0)
  }

  async loadMore(): Promise<void> {
    if (this.rows.length < this.total) await this.#fetch(this.rows.length)
  }

  async #fetch(offset: number): Promise<void> {
    const run = ++this.#run
    const vault = this.#vault
    try {
      const page = await api.periods.exceptions({ offset, limit: pageSize, ...(vault !== '' && { vault }) })
      if (run !== this.#run) return
      this.rows = offset === 0 ? page.rows : [...this.rows, ...page.rows]
      this.total = page.total
      this.loaded = true
      this.error = undefined
    } catch (error) {
      if (run === this.#run) this.error = error
    }
  }
}
