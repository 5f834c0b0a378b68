/** A query over one collection of every shard. Immutable: every method but the terminals gives a new query. */
import { ValidationError } from '@noy-db/hub'
import type { AggregateSpec, ChangeEvent } from '@noy-db/hub/kernel'
import { CrossVaultAggregation } from './aggregate/cross-vault-aggregation.ts'
import { CrossVaultGroupedAggregation } from './aggregate/cross-vault-grouped-aggregation.ts'
import type { LiveBinding } from './aggregate/record-source.ts'
import { collectRows } from './fanout/collect-rows.ts'
import {
  isWindowed,
  WHOLE,
  type BroadcastJoinOptions,
  type BroadcastLeg,
  type CoPartitionedLeg,
  type CrossShardJoinOptions,
  type QueryView,
  type ShardedPlan,
} from './fanout/plan.ts'
import { readPage, streamPage, type StreamOptions } from './fanout/read-page.ts'
import { followRows } from './fanout/row-reductions.ts'
import { registerSource, ShardSource } from './fanout/shard-source.ts'
import { LiveCore } from './live/live-core.ts'
import { isShardOf } from './names.ts'
import type {
  CrossVaultLiveQuery,
  FanoutQueryOptions,
  FanoutResult,
  LiveQueryOptions,
  ShardRef,
  WhereClause,
} from './types.ts'
import { coreOf } from './group-core.ts'
import type { VaultGroup } from './vault-group.ts'

export class ShardedQuery<T, R = T> {
  readonly #group: VaultGroup<T>
  readonly #plan: ShardedPlan
  readonly #source: ShardSource

  constructor(
    group: VaultGroup<T>,
    collectionName: string,
    clauses: readonly WhereClause[],
    coPartitionedLegs: readonly CoPartitionedLeg[] = [],
    broadcastLegs: readonly BroadcastLeg[] = [],
    view: QueryView = WHOLE,
  ) {
    this.#group = group
    this.#plan = {
      collection: collectionName,
      clauses,
      legs: coPartitionedLegs,
      broadcast: broadcastLegs,
      ...view,
    }
    this.#source = new ShardSource(coreOf(group), this.#plan)
    registerSource(this, this.#source)
  }

  /** All clauses must hold. They are applied before joins and see left-side fields only. */
  where(field: string, op: WhereClause['op'], value: unknown): ShardedQuery<T, R> {
    return this.#with({ clauses: [...this.#plan.clauses, { field, op, value }] })
  }

  /**
   * Attaches the record that the reference in `field` points at, in the same shard, under `as`; null where it dangles (`warn`). The
   * terminals throw CrossShardJoinError where the template declares no reference for `field`.
   */
  crossShardJoin(field: string, opts: CrossShardJoinOptions): ShardedQuery<T, R> {
    const leg = { field, as: opts.as, maxRows: opts.maxRows, strategy: opts.strategy }
    return this.#with({ legs: [...this.#plan.legs, leg] })
  }

  /** Attaches a record of one collection shared by all shards, matched by key (`on`, default `id`); null on a miss. It is frozen. */
  broadcastJoin(field: string, opts: BroadcastJoinOptions): ShardedQuery<T, R> {
    const { as, from, on = 'id', mode = 'warn' } = opts
    return this.#with({ broadcast: [...this.#plan.broadcast, { field, as, from, on, mode }] })
  }

  /** Every row says which shard it came from and under which storage id. */
  withShard<As extends string = 'shard'>(as?: As): ShardedQuery<T, R & Record<As, ShardRef>> {
    const shardAs = as ?? 'shard'
    return this.#with<R & Record<As, ShardRef>>({ shardAs })
  }

  /** One order over all shards; further calls break ties. Before `broadcastJoin` aliases: it sees what a shard has. */
  orderBy(field: string, direction: 'asc' | 'desc' = 'asc'): ShardedQuery<T, R> {
    return this.#with({ order: [...this.#plan.order, { field, direction }] })
  }

  /** Without `orderBy`, rows are counted by vault id, then storage id. @throws ValidationError unless a whole number from 0 */
  limit(n: number): ShardedQuery<T, R> {
    return this.#with({ limit: wholeNumber(n) })
  }

  /** Rows left out at the start. For pages, `after` costs less. @throws ValidationError unless a whole number from 0 */
  offset(n: number): ShardedQuery<T, R> {
    return this.#with({ offset: wholeNumber(n) })
  }

  /** Only rows behind a `nextCursor` of the same query. The terminals throw LobbyError CURSOR_INVALID for any other. */
  after(cursor: string): ShardedQuery<T, R> {
    return this.#with({ after: cursor })
  }

  /** The rows without broadcast joins, shard after shard in registry order. */
  async fanoutRecords(
    options: FanoutQueryOptions = {},
  ): Promise<{ records: R[]; skippedVaults: FanoutResult<R>['skippedVaults'] }> {
    const source = new ShardSource(this.#source.group, { ...this.#plan, broadcast: [] })
    if (!isWindowed(this.#plan)) {
      const { records, skippedVaults } = await collectRows(source, options)
      return { records: records as R[], skippedVaults } // what the shards hold is the caller's claim
    }
    const { results, skippedVaults } = await readPage(source, options)
    return { records: results as R[], skippedVaults } // as above
  }

  /** One bad shard is a skip. @throws CrossShardJoinError, what a broadcast source throws, the reason of an aborted signal */
  async toArray(options: FanoutQueryOptions = {}): Promise<FanoutResult<R>> {
    if (isWindowed(this.#plan)) return (await readPage(this.#source, options)) as FanoutResult<R> // as in fanoutRecords
    const { records, skippedVaults } = await collectRows(this.#source, options)
    return { results: records as R[], skippedVaults } // as in fanoutRecords
  }

  /** The rows in order, one by one; of each shard only a batch is held. */
  async *stream(options: StreamOptions = {}): AsyncGenerator<R> {
    for await (const record of streamPage(this.#source, options)) yield record as R // as in fanoutRecords
  }

  /** @internal */
  liveBinding(): LiveBinding {
    const { db, name } = this.#group
    const { shardListeners } = this.#source.group
    return {
      subscribeToChanges(handler) {
        db.on('change', handler)
        return () => db.off('change', handler)
      },
      isRelevant: ({ collection, vault }: ChangeEvent) =>
        collection === this.#plan.collection && isShardOf(name, vault),
      subscribeToShards(handler) {
        shardListeners.add(handler)
        return () => shardListeners.delete(handler)
      },
    }
  }

  /** Follows the left collection; a change reads again the shard it happened in. `stop()` it when nobody looks any more. */
  live(options: LiveQueryOptions = {}): CrossVaultLiveQuery<R> {
    const live = new LiveCore<readonly unknown[]>({
      binding: this.liveBinding(),
      debounceMs: options.debounceMs,
      initial: [],
      follower: followRows(this.#source, options),
    })
    return live as LiveCore<readonly R[]> // as in fanoutRecords
  }

  /** One result over all rows. @throws ValidationError after `limit`, `offset` or `after` */
  aggregate<Spec extends AggregateSpec>(spec: Spec): CrossVaultAggregation<R, Spec> {
    this.#refuseWindow()
    return new CrossVaultAggregation(this, spec, this.liveBinding())
  }

  /** One result for each value of a field (dotted path). @throws ValidationError after `limit`, `offset` or `after` */
  groupBy<F extends string>(field: F): ShardedGroupedQuery<T, R, F> {
    this.#refuseWindow()
    return new ShardedGroupedQuery(this, field)
  }

  #with<Out = R>(change: Partial<ShardedPlan>): ShardedQuery<T, Out> {
    const plan = { ...this.#plan, ...change }
    return new ShardedQuery<T, Out>(
      this.#group,
      plan.collection,
      plan.clauses,
      plan.legs,
      plan.broadcast,
      plan,
    )
  }

  /** @throws ValidationError: an aggregate is over all rows, and half of them would look like all */
  #refuseWindow(): void {
    const { limit, offset, after } = this.#plan
    if (limit === Infinity && offset === 0 && after === null) return
    throw new ValidationError('An aggregate is made of all rows; it takes no limit, offset or cursor.')
  }
}

/** Between `groupBy` and `aggregate`. */
export class ShardedGroupedQuery<T, R, F extends string> {
  readonly #query: ShardedQuery<T, R>
  readonly #field: F

  constructor(query: ShardedQuery<T, R>, field: F) {
    this.#query = query
    this.#field = field
  }

  aggregate<Spec extends AggregateSpec>(spec: Spec): CrossVaultGroupedAggregation<R, F, Spec> {
    return new CrossVaultGroupedAggregation(this.#query, this.#field, spec, this.#query.liveBinding())
  }
}

function wholeNumber(n: number): number {
  if (Number.isInteger(n) && n >= 0) return n
  throw new ValidationError(`A limit or an offset is a whole number from 0, not ${n}.`)
}
