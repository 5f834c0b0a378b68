/** Writes that find their shard by the record's key. */
import {
  StoreCapabilityError,
  UnknownShardError,
  type LongWork,
  type PutOptions,
  type PutRow,
} from '@noy-db/hub'
import type { Vault } from '@noy-db/hub/kernel'
import { LobbyError } from '../../errors.ts'
import { fanOut } from '../fanout/fan-out.ts'
import type { GroupCore } from '../group-core.ts'
import { shardVaultId } from '../names.ts'
import type { ShardingConfig, VaultRegistryRow } from '../types.ts'
import { createShard } from './create-shard.ts'
import { openRegistered, openShard } from './open-shard.ts'

export interface PutManyOptions extends PutOptions {
  /** `all`: nothing or everything, over every shard; the default where the store has transactions. */
  readonly atomic?: 'all' | 'shard'
}

export interface PutManyReport {
  readonly written: number
  /** Shards that could not be opened or made, or whose transaction failed, with nothing of theirs written; only with `atomic: 'shard'`. */
  readonly failed: readonly FailedShare[]
}

interface FailedShare {
  readonly partitionKey: string
  readonly rows: number
  readonly error: Error
}

interface Share<T> {
  readonly key: string
  readonly vault: Vault
  readonly rows: readonly PutRow<T>[]
}

export class RoutedWrites<T> {
  readonly #group: GroupCore
  readonly #sharding: ShardingConfig<T>
  readonly #collection: string

  constructor(group: GroupCore, sharding: ShardingConfig<T>, collection: string) {
    this.#group = group
    this.#sharding = sharding
    this.#collection = collection
  }

  async put(id: string, record: T, options: PutOptions): Promise<void> {
    const vault = await this.#shardFor(record)
    const share = { key: '', vault, rows: [{ id, record, options }] }
    const elsewhere = await this.#elsewhere([share])
    if (elsewhere.length === 0) return vault.collection<T>(this.#collection).put(id, record, options)
    await this.#write('put', [share], {}, elsewhere)
  }

  async putMany(rows: Iterable<PutRow<T>>, options: PutManyOptions & LongWork): Promise<PutManyReport> {
    const { atomic = this.#group.db._store.tx === undefined ? 'shard' : 'all', ...shared } = options
    if (atomic === 'all' && this.#group.db._store.tx === undefined)
      throw new StoreCapabilityError('tx', "putMany({ atomic: 'all' })", this.#group.db._store.name)
    const byKey = Map.groupBy(rows, ({ record }) => this.#sharding.keyOf(record))
    if (atomic === 'shard') return this.#eachShard(byKey, shared)
    const shares: Share<T>[] = []
    for (const [key, own] of byKey) shares.push(await this.#share(key, own))
    await this.#write('putMany', shares, shared, await this.#elsewhere(shares))
    return { written: shares.reduce((sum, share) => sum + share.rows.length, 0), failed: [] }
  }

  async move(id: string, record: T, fromKey: string, options: PutOptions): Promise<void> {
    const from = await openShard(this.#group, fromKey)
    const vault = await this.#shardFor(record)
    const away = from === vault ? [] : [{ vault: from, id }]
    await this.#write('move', [{ key: '', vault, rows: [{ id, record, options }] }], {}, away)
  }

  async #shardFor(record: T): Promise<Vault> {
    const key = this.#sharding.keyOf(record)
    const row = await this.#group.registry.get(shardVaultId(this.#group.name, key))
    const region = this.#sharding.regionOf?.(record)
    if (row === null && this.#sharding.autoCreate === false)
      throw new UnknownShardError(key, this.#group.name)
    if (row === null) return createShard(this.#group, key, region, {})
    if (row.status === 'archived')
      throw new LobbyError(
        'SHARD_ARCHIVED',
        `The shard ${row.vaultId} is archived; restore it before writing.`,
      )
    if (region !== undefined) this.#group.assertRegion(row.vaultId, region)
    return openRegistered(this.#group, row)
  }

  async #share(key: string, rows: readonly PutRow<T>[]): Promise<Share<T>> {
    const [first, ...others] = rows
    if (first === undefined) throw new RangeError(`There are no rows for ${key}.`)
    const vault = await this.#shardFor(first.record)
    for (const { record } of others) {
      const region = this.#sharding.regionOf?.(record)
      if (region !== undefined) this.#group.assertRegion(vault.name, region)
    }
    return { key, vault, rows }
  }

  async #eachShard(
    byKey: ReadonlyMap<string, readonly PutRow<T>[]>,
    options: PutOptions & LongWork,
  ): Promise<PutManyReport> {
    const failed: FailedShare[] = []
    let written = 0
    for (const [partitionKey, rows] of byKey) {
      try {
        const share = await this.#share(partitionKey, rows)
        await this.#write('putMany', [share], options, await this.#elsewhere([share]))
        written += rows.length
      } catch (error) {
        options.signal?.throwIfAborted()
        failed.push({ partitionKey, rows: rows.length, error: asError(error) })
      }
    }
    return { written, failed }
  }

  async #write(
    command: string,
    shares: readonly Share<T>[],
    { signal, onProgress, ...shared }: PutOptions & LongWork,
    moves: readonly Move[],
  ): Promise<void> {
    const { reason } = shared
    await this.#group.db.transaction(
      (tx) => {
        for (const { vault, rows } of shares) {
          for (const { id, record, options } of rows)
            tx.put(vault, this.#collection, id, record, { ...shared, ...options })
        }
        for (const { vault, id } of moves) tx.delete(vault, this.#collection, id)
      },
      {
        command: `shards.${command}`,
        ...(reason !== undefined && { reason }),
        ...(signal && { signal }),
        ...(onProgress && { onProgress }),
      },
    )
  }

  /** Where ids are unique over the group: the other shards that hold these. Asked of the store, so nothing is decrypted. */
  async #elsewhere(shares: readonly Share<T>[]): Promise<Move[]> {
    if (this.#sharding.uniqueIds !== true) return []
    const others = (await this.#group.registry.rows()).filter(({ status }) => status !== 'removed')
    const answers = await fanOut(others, (row) => this.#held(row.vaultId, idsFor(row, shares)), {
      concurrency: 64,
    })
    const moves: Move[] = []
    for (const { row, answer, error } of answers) {
      if (error !== undefined) throw error
      if (answer.length === 0) continue
      const vault = await this.#group.open(row)
      for (const id of answer) moves.push({ vault, id })
    }
    return moves
  }

  async #held(vaultId: string, ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return []
    const { _store: store } = this.#group.db
    const found =
      ids.length > 1 && store.getMany !== undefined
        ? await store.getMany(vaultId, this.#collection, ids)
        : await Promise.all(ids.map((id) => store.get(vaultId, this.#collection, id)))
    return ids.filter((_id, at) => (found[at] ?? null) !== null)
  }
}

interface Move {
  readonly vault: Vault
  readonly id: string
}

/** Of the records that go to other shards than this. */
function idsFor({ vaultId }: VaultRegistryRow, shares: readonly Share<unknown>[]): string[] {
  return shares.flatMap(({ vault, rows }) => (vault.name === vaultId ? [] : rows.map(({ id }) => id)))
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error })
}
