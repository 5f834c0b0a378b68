/**
 * A small engine over many vaults, written as one outside this repository would be: against the published names and types of
 * the hub alone, under strict, exactOptionalPropertyTypes and noUncheckedIndexedAccess. What it does is section 18 of the contract.
 */
import { NoAccessError, STATE_VAULT_NAME, type Noydb, type NoydbStore, type Vault } from '@noy-db/hub'
import {
  groupAndReduce,
  reduceRecords,
  UnknownShardError,
  type AggregateResult,
  type AggregateSpec,
  type ChangeEvent,
  type Collection,
  type JoinStrategy,
  type LiveQuery,
  type Operator,
  type Query,
} from '@noy-db/hub/kernel'

export interface ShardRow {
  readonly vaultId: string
  readonly partitionKey: string
  readonly registeredAt?: string
}

export interface Template {
  readonly name: string
  configure(vault: Vault): void
}

interface Skipped {
  readonly vault: string
  readonly reason: 'not-granted' | 'error'
}

export interface Clause {
  readonly field: string
  readonly op: Operator
  readonly value: unknown
}

export interface Leg<As extends string = string> {
  readonly field: string
  readonly as: As
  readonly strategy?: JoinStrategy
  readonly maxRows?: number
}

export class Group {
  readonly #db: Noydb
  readonly #name: string
  readonly #template: Template

  constructor(db: Noydb, name: string, template: Template) {
    this.#db = db
    this.#name = name
    this.#template = template
  }

  /** The registry: ordinary rows in an ordinary collection. */
  async #registry(): Promise<Collection<ShardRow>> {
    return (await this.#db.openVault(STATE_VAULT_NAME)).collection<ShardRow>(`${this.#name}-registry`)
  }

  async rows(): Promise<ShardRow[]> {
    const registry = await this.#registry()
    await registry.list()
    return registry.query().toArray()
  }

  async provision(partitionKey: string): Promise<Vault> {
    const vaultId = `${this.#name}--${partitionKey}`
    const vault = await this.#db.openVault(vaultId)
    this.#template.configure(vault)
    await (await this.#registry()).put(vaultId, { vaultId, partitionKey })
    return vault
  }

  async shard(partitionKey: string): Promise<Vault> {
    const row = (await this.rows()).find((each) => each.partitionKey === partitionKey)
    if (row === undefined) throw new UnknownShardError(partitionKey, this.#name)
    return this.#open(row.vaultId)
  }

  async #open(vaultId: string): Promise<Vault> {
    const vault = await this.#db.openVault(vaultId, { create: false })
    this.#template.configure(vault)
    return vault
  }

  /** `T` is unconstrained: the caller's claim about what a collection holds. */
  async fanOut<T>(
    collection: string,
    clauses: readonly Clause[] = [],
    legs: readonly Leg[] = [],
  ): Promise<{ rows: T[]; skipped: Skipped[] }> {
    const ids = (await this.rows()).map(({ vaultId }) => vaultId)
    const slots = await this.#db.queryAcross(ids, (vault) => this.#ask<T>(vault, collection, clauses, legs), {
      concurrency: 4,
      create: false,
    })
    const rows: T[] = []
    const skipped: Skipped[] = []
    for (const slot of slots) {
      if (slot.error === undefined) rows.push(...slot.result)
      else {
        const reason = slot.error instanceof NoAccessError ? 'not-granted' : 'error'
        skipped.push({ vault: slot.vault, reason })
      }
    }
    return { rows, skipped }
  }

  async #ask<T>(
    vault: Vault,
    collection: string,
    clauses: readonly Clause[],
    legs: readonly Leg[],
  ): Promise<T[]> {
    this.#template.configure(vault)
    await vault.collection<T>(collection).list()
    let query: Query<T> = vault.collection<T>(collection).query()
    for (const { field, op, value } of clauses) query = query.where(field, op, value)
    for (const leg of legs) {
      const target = vault.resolveRef(collection, leg.field)?.target
      if (target !== undefined) await vault.collection(target).list()
      query = joined(query, leg)
    }
    return query.toArray()
  }

  async aggregate<Spec extends AggregateSpec>(
    collection: string,
    spec: Spec,
  ): Promise<AggregateResult<Spec>> {
    return reduceRecords((await this.fanOut<unknown>(collection)).rows, spec)
  }

  async groupBy<Row>(collection: string, field: string, spec: AggregateSpec): Promise<Row[]> {
    return groupAndReduce<Row>((await this.fanOut<unknown>(collection)).rows, field, spec)
  }

  /** Recomputed on every change of any shard. */
  live<T>(collection: string): LiveRows<T> {
    return new LiveRows<T>(this.#db, collection, async () => (await this.fanOut<T>(collection)).rows)
  }

  /** Where the vault's rows lie. */
  storeOf(vaultId: string): NoydbStore {
    return this.#db._resolveBackend(vaultId)
  }
}

/** A joined query stays a query over the rows it had. */
function joined<R>(query: Query<R>, { field, as, strategy, maxRows }: Leg): Query<R> {
  const more: Query<R & Record<string, unknown>> = query.join(field, {
    as,
    ...(strategy !== undefined && { strategy }),
    ...(maxRows !== undefined && { maxRows }),
  })
  return more
}

/** The hub's live type, filled by somebody else. */
class LiveRows<T> implements LiveQuery<T> {
  value: readonly T[] = []
  error: Error | null = null
  ready: Promise<void>
  readonly #listeners = new Set<() => void>()
  readonly #db: Noydb
  readonly #onChange: (event: ChangeEvent) => void

  constructor(db: Noydb, collection: string, compute: () => Promise<T[]>) {
    this.#db = db
    const recompute = async (): Promise<void> => {
      this.value = await compute()
      for (const listener of this.#listeners) listener()
    }
    this.ready = recompute()
    this.#onChange = (event) => {
      if (event.collection === collection) this.ready = this.ready.then(recompute)
    }
    db.on('change', this.#onChange)
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop(): void {
    this.#db.off('change', this.#onChange)
  }
}
