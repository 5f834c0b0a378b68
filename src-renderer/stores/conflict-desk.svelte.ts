/**
 * The desk joins the queue, the draft of the conflict under the cursor and the calls that decide, skip and undo.
 * Drafts stay on the shelf while the person moves around; a failed call leaves the draft as it was.
 */
import type { Api, InputOf } from '../../src-shared/ipc/contract.ts'
import type { ConflictDetailView, ConflictRefView, ConflictRowView } from '../../src-shared/ipc/conflicts.ts'
import { api, isCode, on } from '../lib/api.ts'
import type { ConflictDraft, ReaderFormat } from './conflict-draft.svelte.ts'
import { ConflictPreview } from './conflict-preview.svelte.ts'
import { ConflictQueue, refKey, refOf } from './conflict-queue.svelte.ts'
import { ConflictShelf, rowOf } from './conflict-shelf.ts'
import { settings } from './settings.svelte.ts'

export type ConflictApi = Api['conflicts']

/** One command that can be taken back: a single decision, or a rule over many. */
export interface Decided {
  readonly batchId: string
  readonly title: string
  readonly count: number
  /** Where the conflict stood, to bring it back there. */
  readonly row: ConflictRowView | null
  readonly index: number
}

/** `against`: it would break a rule, and why is not said yet. */
export type Outcome = 'decided' | 'open' | 'invalid' | 'against' | 'failed' | 'busy'

export class ConflictDesk {
  readonly queue: ConflictQueue
  readonly preview: ConflictPreview
  draft: ConflictDraft | null = $state.raw(null)
  /** Why the record could not be read. */
  unread: unknown = $state.raw(null)
  /** Why the last decision or undo was refused. */
  problem: unknown = $state.raw(null)
  busy = $state(false)
  /** Commands of this session that can be taken back, newest last. */
  decided: readonly Decided[] = $state.raw([])
  /** The row that has just been decided, for the list to show it leave. */
  left: Decided | null = $state.raw(null)

  readonly api: ConflictApi
  readonly #shelf: ConflictShelf
  #turn = 0

  #connected = false

  constructor(api: ConflictApi, format: () => ReaderFormat = () => ({})) {
    this.api = api
    this.#shelf = new ConflictShelf((input) => api.get(input), format)
    this.queue = new ConflictQueue({ list: (input) => api.list(input), counts: () => api.counts() })
    this.preview = new ConflictPreview((input) => api.preview(input))
  }

  /** Listens for as long as the window lives: drafts survive other screens, but not the lock. */
  connect(listen: typeof on = on): void {
    if (this.#connected) return
    this.#connected = true
    listen('conflicts:changed', () => this.changed())
    listen('session:changed', ({ state }) => state !== 'unlocked' && this.forget())
  }

  /** Whether the person has begun to decide this conflict. */
  isStarted(key: string): boolean {
    return this.#shelf.get(key)?.touched ?? false
  }

  /** Puts the conflict under the cursor on the desk, with the draft it had. */
  async open(row: ConflictRefView | undefined): Promise<void> {
    const turn = ++this.#turn
    this.problem = null
    this.unread = null
    this.draft = row ? (this.#shelf.get(refKey(row)) ?? null) : null
    if (!row) return
    try {
      const detail = await this.#shelf.read(row)
      if (turn !== this.#turn) return
      this.#lay(detail)
      this.#shelf.readAhead(this.queue.rows[this.queue.index + 1])
    } catch (error) {
      if (turn === this.#turn) this.unread = error
    }
  }

  /** Reads the conflict again, past anything read ahead; picks that still hold stay. */
  async reload(): Promise<void> {
    this.#shelf.dropAhead()
    const problem = this.problem
    await this.open(this.queue.current)
    this.problem = problem
  }

  /** Main says conflicts changed: the list and the record are fetched again. */
  changed(): void {
    this.#shelf.dropAhead()
    this.queue.changed()
    if (!this.busy && this.draft?.detail.status === 'open') void this.#refreshDraft(this.draft)
  }

  async apply(): Promise<Outcome> {
    const { draft } = this
    if (!draft || this.busy) return 'busy'
    if (!draft.resolution) return 'open'
    const { answer, against, never } = this.preview
    if (never || (answer && answer.issues.length > 0)) return 'invalid'
    if (against.length > 0 && (draft.override ?? '').trim() === '') {
      draft.override ??= ''
      return 'against'
    }
    return this.#decide(draft, draft.resolution)
  }

  /** Takes a conflict off the queue without a decision; the reason is the record of why. */
  async close(): Promise<Outcome> {
    const { draft } = this
    if (!draft || this.busy) return 'busy'
    if (draft.reason.trim() === '') return 'open'
    return this.#decide(draft, { kind: 'close' })
  }

  skip(): void {
    this.queue.move(1, true)
  }

  /** Takes back the newest command of this session and puts its conflict under the cursor again. */
  async undo(batchId?: string): Promise<number | null> {
    const entry = batchId ? this.decided.find((one) => one.batchId === batchId) : this.decided.at(-1)
    const id = batchId ?? entry?.batchId
    if (!id || this.busy) return null
    return this.#working(async () => {
      const { undone } = await this.api.undo({ batchId: id })
      this.decided = this.decided.filter((one) => one.batchId !== id)
      this.#shelf.dropAhead()
      if (entry?.row && this.queue.filter.status === 'open')
        await this.queue.follow(refKey(entry.row), entry.index)
      else await this.queue.refresh()
      return undone
    })
  }

  /** A rule decided many: they can be taken back as one. */
  noteMany(batchId: string, count: number): void {
    this.decided = [...this.decided, { batchId, count, title: `${count} conflicts`, row: null, index: 0 }]
    this.#shelf.dropAhead()
    this.queue.index = 0
    void this.queue.refresh()
  }

  /** Everything that was read goes when the workspace is locked. */
  forget(): void {
    this.#turn += 1
    this.#shelf.clear()
    this.draft = null
    this.decided = []
    this.left = null
    this.preview.clear()
    this.queue.stop()
    this.queue.rows = []
    this.queue.loading = true
  }

  async #decide(
    draft: ConflictDraft,
    resolution: InputOf<'conflicts.decide'>['resolution'],
  ): Promise<Outcome> {
    const { rowVersion, recordVersion, title } = draft.detail
    const row = rowOf(draft.detail)
    const reason = draft.reason.trim()
    const override = draft.override?.trim() ?? ''
    const decided = await this.#working(async () => {
      const receipt = await this.api.decide({
        ref: refOf(row),
        resolution,
        ...(reason === '' ? {} : { reason }),
        ...(override === '' ? {} : { override }),
        expectRowVersion: rowVersion,
        expectRecordVersion: recordVersion,
      })
      const index = this.queue.find(refKey(row))
      const entry = {
        batchId: receipt.batchId,
        title,
        count: receipt.decided,
        row,
        index: Math.max(0, index),
      }
      this.decided = [...this.decided, entry]
      this.left = entry
      this.queue.drop(refKey(row))
      return true
    })
    if (decided) return 'decided'
    if (!isCode(this.problem, 'RULES_BROKEN')) return 'failed'
    // Decided faster than it was previewed: now it is asked for.
    this.problem = null
    draft.override ??= ''
    return 'against'
  }

  async #working<T>(work: () => Promise<T>): Promise<T | null> {
    this.busy = true
    this.problem = null
    try {
      return await work()
    } catch (error) {
      this.problem = error
      if (isCode(error, 'CONFLICT_MOVED', 'VERSION_CONFLICT')) await this.reload()
      if (isCode(error, 'CONFLICT_CLOSED', 'NOT_FOUND')) this.queue.changed()
      return null
    } finally {
      this.busy = false
    }
  }

  async #refreshDraft(draft: ConflictDraft): Promise<void> {
    const turn = this.#turn
    try {
      const detail = await this.api.get({ ref: refOf(draft.detail) })
      if (turn === this.#turn && this.draft === draft) this.#lay(detail)
    } catch (error) {
      if (turn === this.#turn && !isCode(error, 'NOT_FOUND')) this.problem = error
    }
  }

  #lay(detail: ConflictDetailView): void {
    this.draft = this.#shelf.lay(detail)
  }
}

/** The one desk of the window: it keeps drafts and cursor while other screens are shown. */
export const conflictDesk = new ConflictDesk(api.conflicts, () => ({
  locale: settings.value.locale,
  negatives: settings.value.negatives,
}))
