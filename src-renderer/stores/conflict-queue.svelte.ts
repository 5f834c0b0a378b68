/**
 * The queue as a list of known length whose rows arrive page by page. The cursor stays where it is when the row
 * under it is decided, so the next one moves up into its place. Nothing here is assumed: rows leave after the main
 * process has said so, and every event fetches again.
 */
import type { InputOf, OutputOf } from '../../src-shared/ipc/contract.ts'
import type { ConflictRefView, ConflictRowView } from '../../src-shared/ipc/conflicts.ts'

export type ConflictFilterView = NonNullable<InputOf<'conflicts.list'>['filter']>
export type ConflictCounts = OutputOf<'conflicts.counts'>

export interface QueueApi {
  list(input: InputOf<'conflicts.list'>): Promise<OutputOf<'conflicts.list'>>
  counts(): Promise<ConflictCounts>
}

type Rows = readonly (ConflictRowView | undefined)[]

export const pageSize = 100
const settleMs = 120

export function refKey(ref: ConflictRefView): string {
  return `${ref.vault}\u0000${ref.collection}\u0000${ref.conflictId}`
}

export function refOf(row: ConflictRefView): ConflictRefView {
  return { vault: row.vault, collection: row.collection, conflictId: row.conflictId }
}

export class ConflictQueue {
  filter: ConflictFilterView = $state.raw({ status: 'open' })
  rows: Rows = $state.raw([])
  total = $state(0)
  index = $state(0)
  counts: ConflictCounts | null = $state.raw(null)
  /** Until the first answer for this filter. */
  loading = $state(true)
  problem: unknown = $state.raw(null)

  readonly current = $derived(this.rows[this.index])
  readonly position = $derived(this.total === 0 ? '' : `${this.index + 1} of ${this.total}`)
  readonly filtered = $derived(
    Object.entries(this.filter).some(([name, value]) => name !== 'status' && value !== undefined),
  )

  #window = { first: 0, last: 0 }
  /** Where the cursor goes when rows are placed next, whichever fetch that is. */
  #goal: { readonly key: string; readonly near: number } | null = null
  #generation = 0
  readonly #asked = new Set<number>()
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #api: QueueApi

  constructor(api: QueueApi) {
    this.#api = api
  }

  /** Replaces parts of the filter and starts at the top. */
  async narrow(part: Partial<Record<keyof ConflictFilterView, string | undefined>>): Promise<void> {
    const entries = Object.entries({ ...this.filter, ...part }).filter(([, value]) => value)
    this.filter = Object.fromEntries(entries)
    this.#goal = null
    this.index = 0
    this.rows = []
    this.loading = true
    await this.refresh()
  }

  /** The rows on screen; their pages are fetched when missing. */
  show(first: number, last: number): void {
    this.#window = { first, last }
    for (const page of this.#pagesShown()) if (!this.#hasPage(page)) void this.#load(page)
  }

  select(index: number): void {
    this.#goal = null
    this.index = Math.max(0, Math.min(index, this.total - 1))
    const page = Math.floor(this.index / pageSize)
    if (!this.#hasPage(page)) void this.#load(page)
  }

  /** @param wrap after the last one comes the first. */
  move(by: number, wrap = false): void {
    const next = this.index + by
    this.select(wrap && this.total > 0 ? (next + this.total) % this.total : next)
  }

  /** A conflict that main has put back: the cursor goes to it, or to its place, with the next rows. */
  async follow(key: string, near: number): Promise<void> {
    this.#goal = { key, near }
    await this.refresh()
  }

  find(key: string): number {
    return this.rows.findIndex((row) => row && refKey(row) === key)
  }

  /** A row that main says is decided: the list closes up under the cursor. */
  drop(key: string): void {
    const at = this.find(key)
    if (at < 0) return
    this.#generation += 1
    this.#asked.clear()
    this.rows = this.rows.toSpliced(at, 1)
    this.total = Math.max(0, this.total - 1)
    if (at < this.index || this.index >= this.total) this.index = Math.max(0, this.index - 1)
    this.changed()
  }

  /** Something changed: fetch again once it is quiet. */
  changed(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.refresh(), settleMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#generation += 1
  }

  /** Fetches what is on screen; other pages are forgotten. The cursor follows its conflict. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer)
    this.#generation += 1
    this.#asked.clear()
    const generation = this.#generation
    const pages = this.#pagesShown()
    try {
      const [counts, ...answers] = await Promise.all([
        this.#api.counts(),
        ...pages.map((page) => this.#fetch(page)),
      ])
      if (generation !== this.#generation) return
      this.counts = counts
      this.#place(pages, answers)
    } catch (error) {
      if (generation === this.#generation) this.#fail(error)
    }
  }

  #place(pages: number[], answers: OutputOf<'conflicts.list'>[]): void {
    const key = this.#goal?.key ?? (this.current && refKey(this.current))
    const near = this.#goal?.near ?? this.index
    this.#goal = null
    const rows: (ConflictRowView | undefined)[] = []
    pages.forEach((page, i) => answers[i]?.rows.forEach((row, at) => (rows[page * pageSize + at] = row)))
    this.rows = rows
    this.total = answers[0]?.total ?? 0
    const found = key === undefined ? -1 : this.find(key)
    this.index = Math.max(0, Math.min(found >= 0 ? found : near, this.total - 1))
    this.loading = false
    this.problem = null
  }

  async #load(page: number): Promise<void> {
    if (this.#asked.has(page)) return
    this.#asked.add(page)
    const generation = this.#generation
    try {
      const answer = await this.#fetch(page)
      if (generation !== this.#generation) return
      const rows = [...this.rows]
      answer.rows.forEach((row, at) => (rows[page * pageSize + at] = row))
      this.rows = rows
      this.total = answer.total
    } catch (error) {
      if (generation === this.#generation) this.#fail(error)
    }
  }

  #fetch(page: number): Promise<OutputOf<'conflicts.list'>> {
    return this.#api.list({ filter: this.filter, offset: page * pageSize, limit: pageSize })
  }

  #fail(error: unknown): void {
    this.problem = error
    this.loading = false
  }

  #hasPage(page: number): boolean {
    return this.#asked.has(page) || this.rows[page * pageSize] !== undefined
  }

  #pagesShown(): number[] {
    const at = (index: number): number => Math.max(0, Math.floor(index / pageSize))
    const pages = new Set([at(this.#goal?.near ?? this.index)])
    for (let page = at(this.#window.first); page <= at(this.#window.last); page += 1) pages.add(page)
    return [...pages].sort((a, b) => a - b)
  }
}
