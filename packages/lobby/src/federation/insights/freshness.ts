/** Beside each summary, in a reserved row sealed with the key of its collection: whether it still holds. */
import type { Transaction } from '@noy-db/hub'
import type { Vault } from '@noy-db/hub/kernel'
import type { GroupCore } from '../group-core.ts'
import type { InsightFreshness, InsightRow, InsightTarget } from './types.ts'

const SIDECAR = '_insights'
const DONE = { command: 'insights.mark' }

export class Freshness {
  readonly #group: GroupCore
  readonly #vault: Vault
  readonly #collection: string

  constructor(group: GroupCore, vault: Vault, collection: string) {
    this.#group = group
    this.#vault = vault
    this.#collection = collection
  }

  async get(partitionKey: string): Promise<InsightFreshness | null> {
    return (await this.#rows().get(this.#key(partitionKey)))?.row ?? null
  }

  put(tx: Transaction, partitionKey: string, freshness: InsightFreshness): void {
    tx.putSidecar(this.#vault, SIDECAR, this.#key(partitionKey), freshness)
  }

  /** Of a summary that exists and says something else so far; tells whether it did. */
  async mark(partitionKey: string, state: 'stale' | 'departed', reason?: string): Promise<boolean> {
    const before = await this.get(partitionKey)
    if (before === null || (before.state === state && before.reason === reason)) return before !== null
    const { derivedAt } = before
    const after = { state, derivedAt, since: Date.now(), ...(reason !== undefined && { reason }) }
    await this.#group.db.transaction((tx) => this.put(tx, partitionKey, after), DONE)
    return true
  }

  /** Partition keys this group has written summaries of. */
  async keys(): Promise<string[]> {
    const all = await this.#rows().keys({ collection: this.#collection })
    const prefix = `${this.#group.name}/`
    return all.filter(({ key }) => key.startsWith(prefix)).map(({ key }) => key.slice(prefix.length))
  }

  async rows<S>(): Promise<InsightRow<S>[]> {
    const entries = await this.#vault.collection<S>(this.#collection).entries()
    const marks = await this.#rows().getMany(entries.map(({ id }) => this.#key(id)))
    return entries.map(({ id, record }, at) => ({
      partitionKey: id,
      summary: record,
      freshness: marks[at]?.row ?? null,
    }))
  }

  #rows() {
    return this.#vault.sidecar<InsightFreshness>(SIDECAR)
  }

  /** Groups may share a target. */
  #key(partitionKey: string) {
    return { collection: this.#collection, key: `${this.#group.name}/${partitionKey}` }
  }
}

export async function insightRows<S>(group: GroupCore, target: InsightTarget): Promise<InsightRow<S>[]> {
  const vault = await group.db.openVault(target.vault, { create: false })
  return new Freshness(group, vault, target.collection).rows<S>()
}
