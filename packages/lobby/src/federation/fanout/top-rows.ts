/** The first rows of a shard in an order, holding twice as many as asked for at most. */
import type { VaultRegistryRow } from '../types.ts'
import { compareBy, keysOf, type Compare, type OrderedRow, type PlacedRow } from './order.ts'
import type { Order } from './plan.ts'
import type { Fold } from './shard-source.ts'
import type { Rows } from './shard-read.ts'

export class TopRows {
  readonly shard: VaultRegistryRow
  readonly #order: readonly Order[]
  readonly #most: number
  readonly #after: OrderedRow | null
  readonly #compare: Compare
  #rows: PlacedRow[] = []
  #isSorted = true
  /** Once rows were left out: nothing behind it can be among the first. */
  #worst: PlacedRow | undefined
  /** Whether rows were left out because there were too many. */
  isCut = false

  constructor(shard: VaultRegistryRow, order: readonly Order[], most: number, after: OrderedRow | null) {
    this.shard = shard
    this.#order = order
    this.#most = most
    this.#after = after
    this.#compare = compareBy(order)
  }

  add(rows: Rows): void {
    const { vaultId } = this.shard
    for (const { id, record } of rows) {
      const row: PlacedRow = { keys: keysOf(this.#order, record), vaultId, id, record }
      if (this.#after !== null && this.#compare(row, this.#after) <= 0) continue
      if (this.#worst !== undefined && this.#compare(row, this.#worst) >= 0) continue
      this.#rows.push(row)
      this.#isSorted = false
      if (this.#rows.length >= this.#most * 2) this.#cut()
    }
  }

  /** In order, at most as many as asked for. */
  rows(): readonly PlacedRow[] {
    if (!this.#isSorted) this.#cut()
    return this.#rows
  }

  #cut(): void {
    this.#rows.sort(this.#compare)
    this.#isSorted = true
    if (this.#rows.length <= this.#most) return
    this.#rows.length = this.#most
    this.#worst = this.#rows.at(-1)
    this.isCut = true
  }
}

export function topFold(order: readonly Order[], most: number, after: OrderedRow | null): Fold<TopRows> {
  return {
    make: (shard) => new TopRows(shard, order, most, after),
    add: (top, rows) => top.add(rows),
  }
}
