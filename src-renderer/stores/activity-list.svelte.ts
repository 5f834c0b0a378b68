/** What was done in the workspace, newest first, by client and command. */
import type { ActivityRow, VerifyRow } from '../../src-shared/ipc/activity.ts'
import { api, call, on } from '../lib/api.ts'

const pageSize = 200

export class ActivityList {
  rows = $state.raw<readonly ActivityRow[]>([])
  more = $state(false)
  loaded = $state(false)
  error = $state.raw<unknown>()
  vault = $state('')
  command = $state('')
  verified = $state.raw<readonly VerifyRow[]>()
  verifying = $state(false)
  verifyError = $state.raw<unknown>()
  #run = 0

  follow(): () => void {
    const again = (): void => void this.load()
    const names = ['clients:changed', 'imports:changed', 'conflicts:changed', 'settings:changed'] as const
    const stops = names.map((name) => on(name, again))
    return () => stops.forEach((stop) => stop())
  }

  async load(): Promise<void> {
    await this.#fetch(undefined)
  }

  async loadMore(): Promise<void> {
    const last = this.rows.at(-1)
    if (this.more && last) await this.#fetch({ time: last.time, id: last.id })
  }

  async #fetch(before: { time: string; id: string } | undefined): Promise<void> {
    const run = ++this.#run
    const { vault, command } = this
    try {
      const filter = { ...(vault && { vault }), ...(command && { command }), ...(before && { before }) }
      const page = await api.activity.list({ ...filter, limit: pageSize })
      if (run !== this.#run) return
      this.rows = before === undefined ? page.rows : [...this.rows, ...page.rows]
      this.more = page.more
      this.loaded = true
      this.error = undefined
    } catch (error) {
      if (run === this.#run) this.error = error
    }
  }

  /** Reads every entry again and checks the chain from the first to the head. */
  async verify(): Promise<void> {
    this.verifying = true
    this.verifyError = undefined
    try {
      this.verified = await call('activity.verify', this.vault ? { vault: this.vault } : {})
    } catch (error) {
      this.verifyError = error
    } finally {
      this.verifying = false
    }
  }
}
