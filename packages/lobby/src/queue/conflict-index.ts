/**
 * The queue's index: summaries from the state vault, held in memory and kept up by change events. Metadata only, so
 * that a queue over many vaults opens none of them to be listed.
 */
import type { ChangeEvent, NoydbApi } from '@noy-db/hub'
import { ValidationError } from '@noy-db/hub'
import type { State } from '../state.ts'
import type { ConflictCounts, ConflictFilter, ConflictPage, ConflictSummary } from './types.ts'

const PAGE = 100

export class ConflictIndex {
  readonly #db: NoydbApi
  readonly #state: State
  readonly #rows = new Map<string, ConflictSummary>()
  readonly #stale = new Set<string>()
  readonly #onChange = ({ vault, collection, id }: ChangeEvent): void => {
    if (vault === this.#state.vault.name && collection === this.#state.index.name) this.#stale.add(id)
  }

  constructor(db: NoydbApi, state: State) {
    this.#db = db
    this.#state = state
  }

  async load(): Promise<void> {
    this.#db.on('change', this.#onChange)
    for (const { id, record } of await this.#state.index.entries()) this.#rows.set(id, record)
  }

  close(): void {
    this.#db.off('change', this.#onChange)
  }

  /** Every summary that matches, newest first. */
  async find(filter: ConflictFilter = {}): Promise<ConflictSummary[]> {
    await this.#refresh()
    return [...this.#rows.values()].filter((row) => matches(row, filter)).sort(compareRows)
  }

  async #refresh(): Promise<void> {
    const stale = [...this.#stale]
    this.#stale.clear()
    for (const id of stale) {
      const row = await this.#state.index.get(id)
      if (row === null) this.#rows.delete(id)
      else this.#rows.set(id, row)
    }
  }

  async page(
    filter: ConflictFilter,
    options: { limit?: number; cursor?: string | null },
  ): Promise<ConflictPage> {
    const found = await this.find(filter)
    const { cursor = null, limit = PAGE } = options
    const start = cursor === null ? 0 : found.findIndex((row) => sortKey(row) > parseCursor(cursor))
    const rows = start === -1 ? [] : found.slice(start, start + Math.max(1, limit))
    const last = rows.at(-1)
    const more = last !== undefined && last !== found.at(-1)
    return {
      rows,
      cursor: more ? Buffer.from(sortKey(last)).toString('base64url') : null,
      total: found.length,
    }
  }

  async counts(filter: ConflictFilter = {}): Promise<ConflictCounts> {
    const rows = await this.find(filter)
    const open = rows.filter(({ status }) => status === 'open')
    const byStatus = tally(rows, ({ status }) => status)
    return {
      open: open.length,
      decided: byStatus['decided'] ?? 0,
      recalled: byStatus['recalled'] ?? 0,
      closed: byStatus['closed'] ?? 0,
      byVault: tally(open, ({ vault }) => vault),
      byCollection: tally(open, ({ collection }) => collection),
      byKind: {
        'edited-by-both': 0,
        'deleted-here': 0,
        'deleted-there': 0,
        'no-base': 0,
        'possible-duplicate': 0,
        ...tally(open, ({ kind }) => kind),
      },
      records: new Set(open.map((row) => JSON.stringify([row.vault, row.collection, row.recordId]))).size,
    }
  }
}

function parseCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString()
  if (!/^\d{16} /.test(key)) throw new ValidationError('This is no cursor of the conflict queue.')
  return key
}

/** Newest first, then by place. Sorts as text, so that it is a cursor too: a page never skips what was added before it. */
function sortKey({ queuedAt, vault, collection, recordId, conflictId }: ConflictSummary): string {
  const age = Number.MAX_SAFE_INTEGER - Date.parse(queuedAt)
  return [String(age).padStart(16, '0'), vault, collection, recordId, conflictId].join(' ')
}

function compareRows(left: ConflictSummary, right: ConflictSummary): number {
  const [a, b] = [sortKey(left), sortKey(right)]
  return a < b ? -1 : Number(a > b)
}

function matches(row: ConflictSummary, filter: ConflictFilter): boolean {
  const { status, vault, collection, importId, kind, field } = filter
  return (
    (status === undefined || row.status === status) &&
    (vault === undefined || row.vault === vault) &&
    (collection === undefined || row.collection === collection) &&
    (importId === undefined || row.importId === importId) &&
    (kind === undefined || row.kind === kind) &&
    (field === undefined || row.fields.some((path) => covers(field, path)))
  )
}

/** `lines` covers `lines.2.quantity`. */
export function covers(field: string, path: string): boolean {
  return path === field || path.startsWith(`${field}.`)
}

function tally<T>(rows: readonly T[], keyOf: (row: T) => string): Record<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1)
  return Object.fromEntries(counts)
}
