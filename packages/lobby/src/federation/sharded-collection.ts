/** One collection over all shards: writes go to the shard of the record's key, reads to all of them. */
import type { PutOptions, PutRow, LongWork } from '@noy-db/hub'
import { coreOf } from './group-core.ts'
import type { VaultGroup } from './vault-group.ts'
import { RoutedWrites, type PutManyOptions, type PutManyReport } from './shards/routed-writes.ts'
import { ShardedQuery } from './sharded-query.ts'

export class ShardedCollection<T, R = T> {
  readonly #group: VaultGroup<T>
  readonly #collectionName: string
  readonly #writes: RoutedWrites<T>

  constructor(group: VaultGroup<T>, collectionName: string) {
    this.#group = group
    this.#collectionName = collectionName
    this.#writes = new RoutedWrites(coreOf(group), group.sharding, collectionName)
  }

  /**
   * Into the shard of `keyOf(record)`, which is made where the group does so. With `uniqueIds` a record that stands in another
   * shard moves. @throws UnknownShardError where shards are not made, DataResidencyError, NoAccessError, ReadOnlyError, LobbyError
   * SHARD_ARCHIVED | SHARD_REMOVED, and what a put of the hub throws
   */
  put(id: string, record: T, options: PutOptions = {}): Promise<void> {
    return this.#writes.put(id, record, options)
  }

  /**
   * In one transaction over all shards where the store has them (`atomic: 'all'`, then all that `put` throws ends it with nothing
   * written), or in one for each shard, where the failing ones are listed. @throws StoreCapabilityError for `all` without `tx`
   */
  putMany(rows: Iterable<PutRow<T>>, options: PutManyOptions & LongWork = {}): Promise<PutManyReport> {
    return this.#writes.putMany(rows, options)
  }

  /** Takes the record out of the shard of `fromKey` and puts it, as it is now, into that of its own key, in one transaction. */
  move(id: string, record: T, fromKey: string, options: PutOptions = {}): Promise<void> {
    return this.#writes.move(id, record, fromKey, options)
  }

  /** Touches no storage until a terminal is called. */
  query(): ShardedQuery<T, R> {
    return new ShardedQuery<T, R>(this.#group, this.#collectionName, [])
  }
}
