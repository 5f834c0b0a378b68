/** Drafts of the conflicts that were looked at, and the next record read ahead while the person decides this one. */
import { SvelteMap } from 'svelte/reactivity'
import type { ConflictDetailView, ConflictRefView, ConflictRowView } from '../../src-shared/ipc/conflicts.ts'
import { ConflictDraft, type ReaderFormat } from './conflict-draft.svelte.ts'
import { refKey, refOf } from './conflict-queue.svelte.ts'

type Get = (input: { ref: ConflictRefView }) => Promise<ConflictDetailView>

const limit = 60

export class ConflictShelf {
  readonly #drafts = new SvelteMap<string, ConflictDraft>()
  readonly #get: Get
  readonly #format: () => ReaderFormat
  #ahead: { readonly key: string; readonly detail: Promise<ConflictDetailView> } | null = null

  constructor(get: Get, format: () => ReaderFormat) {
    this.#get = get
    this.#format = format
  }

  get(key: string): ConflictDraft | undefined {
    return this.#drafts.get(key)
  }

  /** What was read ahead is used once; whatever happened since is found by the versions sent with the decision. */
  read(row: ConflictRefView): Promise<ConflictDetailView> {
    const ahead = this.#ahead?.key === refKey(row) ? this.#ahead.detail : null
    this.#ahead = null
    return ahead ?? this.#get({ ref: refOf(row) })
  }

  readAhead(row: ConflictRowView | undefined): void {
    if (!row || this.#drafts.has(refKey(row))) return
    const detail = this.#get({ ref: refOf(row) })
    // A failure shows when the record is opened, not before.
    detail.catch(() => (this.#ahead = null))
    this.#ahead = { key: refKey(row), detail }
  }

  dropAhead(): void {
    this.#ahead = null
  }

  /** The draft of this record: the one begun, compared with the record as it is now, or a new one. */
  lay(detail: ConflictDetailView): ConflictDraft {
    const key = refKey(detail)
    const kept = this.#drafts.get(key)
    const isSame = kept?.detail.status === detail.status
    if (isSame) kept.rebase(detail)
    const draft = isSame ? kept : new ConflictDraft(detail, this.#format)
    this.#drafts.delete(key)
    this.#drafts.set(key, draft)
    this.#tidy(draft)
    return draft
  }

  clear(): void {
    this.#drafts.clear()
    this.#ahead = null
  }

  /** Drafts without a choice of the person's are read anew when needed. */
  #tidy(current: ConflictDraft): void {
    for (const [key, draft] of this.#drafts) {
      if (this.#drafts.size <= limit) return
      if (!draft.touched && draft !== current) this.#drafts.delete(key)
    }
  }
}

/** The row of a record, as the queue lists it. */
export function rowOf({ fields, ...detail }: ConflictDetailView): ConflictRowView {
  const { vault, collection, conflictId, recordId, vaultName, title } = detail
  const { kind, status, queuedAt, party, batchId } = detail
  const labels = fields.filter((field) => field.changedBy !== 'none').map((field) => field.hint.label)
  return {
    ...{ vault, collection, conflictId, recordId, vaultName, title },
    ...{ kind, status, queuedAt, party, batchId },
    fields: labels,
  }
}
