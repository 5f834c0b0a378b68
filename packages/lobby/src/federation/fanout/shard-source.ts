/** Runs a query over the shards, folding the rows of each as they are read. */
import { CrossShardJoinError } from '@noy-db/hub'
import type { GroupCore } from '../group-core.ts'
import type { FanoutQueryOptions, SkippedVault, VaultRegistryRow } from '../types.ts'
import { Dimensions } from './dimensions.ts'
import { classify, resolveEligible, skippedFor, type Eligible } from './eligible.ts'
import { fanOut, type ShardAnswer } from './fan-out.ts'
import type { ShardedPlan } from './plan.ts'
import { readShard, type Rows } from './shard-read.ts'

/** What is kept of a shard: `make` begins, `add` takes rows in, changing what it is given. */
export interface Fold<P> {
  make(shard: VaultRegistryRow): P
  add(part: P, rows: Rows): void
}

export interface Folded<P> {
  readonly parts: ReadonlyArray<{ readonly shard: VaultRegistryRow; readonly part: P }>
  readonly skippedVaults: SkippedVault[]
}

export class ShardSource {
  readonly group: GroupCore
  readonly plan: ShardedPlan

  constructor(group: GroupCore, plan: ShardedPlan) {
    this.group = group
    this.plan = plan
  }

  eligible(options: FanoutQueryOptions): Promise<Eligible> {
    return resolveEligible(this.group, options)
  }

  /** Of the shards with these vault ids; unknown ones are left out. */
  async eligibleOf(vaultIds: Iterable<string>, options: FanoutQueryOptions): Promise<Eligible> {
    const rows: VaultRegistryRow[] = []
    for (const id of vaultIds) {
      const row = await this.group.registry.get(id)
      if (row !== null) rows.push(row)
    }
    return classify(this.group, rows, options)
  }

  dimensions(before: Dimensions | null = null): Promise<Dimensions> {
    return Dimensions.read(this.plan.broadcast, before)
  }

  /** @throws CrossShardJoinError: a template without the reference is no matter of one shard */
  async fold<P>(
    shards: readonly VaultRegistryRow[],
    fold: Fold<P>,
    dimensions: Dimensions,
    options: FanoutQueryOptions,
  ): Promise<ShardAnswer<P>[]> {
    const answers = await fanOut(shards, (shard) => this.#foldShard(shard, fold, dimensions), options)
    for (const { error } of answers) if (error instanceof CrossShardJoinError) throw error
    return answers
  }

  async run<P>(fold: Fold<P>, options: FanoutQueryOptions): Promise<Folded<P>> {
    const { eligible, skipped } = await this.eligible(options)
    const answers = await this.fold(eligible, fold, await this.dimensions(), options)
    const parts: Array<{ shard: VaultRegistryRow; part: P }> = []
    const skippedVaults = [...skipped]
    for (const { row: shard, answer: part, error } of answers) {
      if (error !== undefined) skippedVaults.push(skippedFor(shard.vaultId, error))
      else parts.push({ shard, part })
    }
    return { parts, skippedVaults }
  }

  async #foldShard<P>(shard: VaultRegistryRow, fold: Fold<P>, dimensions: Dimensions): Promise<P> {
    const part = fold.make(shard)
    for await (const rows of readShard(await this.group.open(shard), this.plan, shard)) {
      fold.add(part, dimensions.isEmpty ? rows : rows.map((row) => dimensions.attach(row)))
    }
    return part
  }
}

const sources = new WeakMap<object, ShardSource>()

/** So that aggregates can fold shard by shard what the published interface hands them as one list. */
export function registerSource(query: object, source: ShardSource): void {
  sources.set(query, source)
}

export function sourceOf(query: object): ShardSource | null {
  return sources.get(query) ?? null
}
