/**
 * All rows of a query in one order, without holding them all: each shard gives its first rows, they are merged, and a shard is
 * asked again only when its rows are used up.
 */
import type { FanoutQueryOptions, SkippedVault } from '../types.ts'
import { decodeCursor } from './cursor.ts'
import type { Dimensions } from './dimensions.ts'
import { skippedFor } from './eligible.ts'
import { mergeSorted, type Run } from './merge-sorted.ts'
import { compareBy, type PlacedRow } from './order.ts'
import type { ShardSource } from './shard-source.ts'
import { topFold, type TopRows } from './top-rows.ts'

export class OrderedRows {
  readonly skippedVaults: SkippedVault[] = []
  readonly #source: ShardSource
  readonly #options: FanoutQueryOptions
  readonly #batch: number

  /** `batch` rows are held for each shard. */
  constructor(source: ShardSource, options: FanoutQueryOptions, batch: number) {
    this.#source = source
    this.#options = options
    this.#batch = batch
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<PlacedRow> {
    const { order } = this.#source.plan
    const dimensions = await this.#source.dimensions()
    if (order.length === 0) yield* this.#shardAfterShard(dimensions)
    else yield* mergeSorted(await this.#firstRuns(dimensions), compareBy(order))
  }

  /** Without an order the shards follow each other by vault id, and those behind the last row are never opened. */
  async *#shardAfterShard(dimensions: Dimensions): AsyncGenerator<PlacedRow> {
    const { plan } = this.#source
    const after = plan.after === null ? null : decodeCursor(plan, plan.after)
    const { eligible, skipped } = await this.#source.eligible(this.#options)
    this.skippedVaults.push(...skipped)
    const inOrder = eligible.toSorted((left, right) => (left.vaultId < right.vaultId ? -1 : 1))
    for (const shard of inOrder) {
      if (after !== null && shard.vaultId < after.vaultId) continue
      const [answer] = await this.#source.fold(
        [shard],
        topFold([], this.#batch, after),
        dimensions,
        this.#options,
      )
      if (answer?.error !== undefined) this.skippedVaults.push(skippedFor(shard.vaultId, answer.error))
      if (answer?.answer !== undefined)
        yield* mergeSorted([this.#run(answer.answer, dimensions)], compareBy([]))
    }
  }

  async #firstRuns(dimensions: Dimensions): Promise<Run<PlacedRow>[]> {
    const { plan } = this.#source
    const after = plan.after === null ? null : decodeCursor(plan, plan.after)
    const { eligible, skipped } = await this.#source.eligible(this.#options)
    const fold = topFold(plan.order, this.#batch, after)
    const answers = await this.#source.fold(eligible, fold, dimensions, this.#options)
    this.skippedVaults.push(...skipped)
    const runs: Run<PlacedRow>[] = []
    for (const { row, answer, error } of answers) {
      if (error === undefined) runs.push(this.#run(answer, dimensions))
      else this.skippedVaults.push(skippedFor(row.vaultId, error))
    }
    return runs
  }

  #run(top: TopRows, dimensions: Dimensions): Run<PlacedRow> {
    return new ShardRun(top, (after) => this.#more(top, after, dimensions))
  }

  async #more(top: TopRows, after: PlacedRow, dimensions: Dimensions): Promise<TopRows | null> {
    const fold = topFold(this.#source.plan.order, this.#batch, after)
    const [answer] = await this.#source.fold([top.shard], fold, dimensions, this.#options)
    if (answer?.error === undefined) return answer?.answer ?? null
    this.skippedVaults.push(skippedFor(top.shard.vaultId, answer.error))
    return null
  }
}

class ShardRun implements Run<PlacedRow> {
  #top: TopRows
  #at = 0
  readonly #more: (after: PlacedRow) => Promise<TopRows | null>

  constructor(top: TopRows, more: (after: PlacedRow) => Promise<TopRows | null>) {
    this.#top = top
    this.#more = more
  }

  get head(): PlacedRow | undefined {
    return this.#top.rows()[this.#at]
  }

  next(): Promise<void> | undefined {
    const last = this.head
    this.#at += 1
    if (this.head !== undefined || last === undefined || !this.#top.isCut) return undefined
    return this.#more(last).then((top) => {
      if (top === null) return
      this.#top = top
      this.#at = 0
    })
  }
}
