/** Rows of an import plan, page by page. A plan does not change, so pages never have to be fetched again. */
import type { PlanRow } from '../../src-shared/ipc/imports.ts'
import { api } from '../lib/api.ts'

const pageSize = 100

export class PlanRowList {
  readonly planId: string
  readonly vault: string | undefined
  /** Undefined: rows that break a rule. */
  readonly outcome: PlanRow['outcome'] | undefined
  rows = $state.raw<readonly PlanRow[]>([])
  total = $state(0)
  error = $state.raw<unknown>()
  #busy = false

  constructor(planId: string, vault: string | undefined, outcome: PlanRow['outcome'] | undefined) {
    this.planId = planId
    this.vault = vault
    this.outcome = outcome
  }

  async loadMore(): Promise<void> {
    if (this.#busy) return
    this.#busy = true
    const { planId, vault, outcome, rows } = this
    try {
      const which = outcome === undefined ? { broken: true } : { outcome }
      const input = { planId, ...which, offset: rows.length, limit: pageSize, ...(vault && { vault }) }
      const page = await api.imports.planRows(input)
      this.rows = [...rows, ...page.rows]
      this.total = page.total
      this.error = undefined
    } catch (error) {
      this.error = error
    } finally {
      this.#busy = false
    }
  }
}
