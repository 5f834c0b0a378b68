/** One rule over many conflicts: what it would decide is counted and shown before anything is decided. */
import type { Api, OutputOf } from '../../src-shared/ipc/contract.ts'
import type { BulkRuleView } from '../../src-shared/ipc/conflicts.ts'
import { isCode } from '../lib/api.ts'
import type { ConflictFilterView } from './conflict-queue.svelte.ts'

type BulkPreview = OutputOf<'conflicts.previewMany'>

export class ConflictBulk {
  take: BulkRuleView['take'] = $state('ours')
  onlyFields: readonly string[] = $state.raw([])
  reason = $state('')
  /** Those too that would break a rule; the reason is then wanted. */
  override = $state(false)
  preview: BulkPreview | null = $state.raw(null)
  busy = $state(false)
  problem: unknown = $state.raw(null)
  /** The queue changed between the preview and the decision; what is shown is counted anew. */
  recounted = $state(false)
  readonly filter: ConflictFilterView
  readonly #api: Pick<Api['conflicts'], 'previewMany' | 'decideMany'>
  #turn = 0

  constructor(api: Pick<Api['conflicts'], 'previewMany' | 'decideMany'>, filter: ConflictFilterView) {
    this.#api = api
    // A deletion is never decided by a rule that did not name it.
    this.filter = { ...filter, status: 'open', kind: filter.kind ?? 'edited-by-both' }
  }

  get rule(): BulkRuleView {
    return { take: this.take, onlyFields: [...this.onlyFields], override: this.override }
  }

  get ready(): boolean {
    const { preview } = this
    return !this.busy && preview !== null && preview.matching > 0 && !this.wantsReason
  }

  /** Some are decided against a rule, and why is not said. */
  get wantsReason(): boolean {
    return this.override && (this.preview?.against.overridable ?? 0) > 0 && this.reason.trim() === ''
  }

  toggleField(field: string): void {
    const has = this.onlyFields.includes(field)
    this.onlyFields = has ? this.onlyFields.filter((one) => one !== field) : [...this.onlyFields, field]
  }

  /** Asks what the rule would decide; an answer to an earlier rule is dropped. */
  async count(rule = this.rule): Promise<void> {
    const turn = ++this.#turn
    this.preview = null
    this.problem = null
    try {
      const preview = await this.#api.previewMany({ filter: this.filter, rule })
      if (turn === this.#turn) this.preview = preview
    } catch (error) {
      if (turn === this.#turn) this.problem = error
    }
  }

  /** Null when it was refused; the rule and the reason stay. */
  async decide(): Promise<OutputOf<'conflicts.decideMany'> | null> {
    if (!this.preview || !this.ready) return null
    this.busy = true
    this.recounted = false
    try {
      const reason = this.reason.trim()
      const { hash } = this.preview
      const input = { filter: this.filter, rule: this.rule, hash, ...(reason === '' ? {} : { reason }) }
      return await this.#api.decideMany(input)
    } catch (error) {
      await this.#refused(error)
      return null
    } finally {
      this.busy = false
    }
  }

  async #refused(error: unknown): Promise<void> {
    this.recounted = isCode(error, 'PLAN_STALE', 'CONFLICT_MOVED', 'VERSION_CONFLICT')
    if (this.recounted) await this.count()
    else this.problem = error
  }
}
