/** Derives a shard's summaries after writes to their sources: coalesced by microtask, one shard at a time, retried with growing pauses. */
import { isolateAsync, type ChangeEvent } from '@noy-db/hub/kernel'
import type { GroupCore } from '../group-core.ts'
import { isShardOf, keyInVaultId, shardVaultId } from '../names.ts'
import { openShard } from '../shards/open-shard.ts'
import type { VaultRegistryRow } from '../types.ts'
import { deriveShard, freshnessOf, type Aimed, type Derivation, type ShardSummaries } from './derive-shard.ts'
import { aimAll } from './refresh.ts'

const RETRY = { firstMs: 1_000, mostMs: 300_000 }

interface Retry {
  attempts: number
  timer: ReturnType<typeof setTimeout>
}

export class AutoPush {
  readonly #group: GroupCore
  readonly #derivations: Derivation[] = []
  readonly #retries = new Map<string, Retry>()
  /** By partition key, in the order they were first touched. */
  #dirty = new Map<string, Set<Derivation>>()
  #flushing: Promise<void> | null = null
  #isReleased = false

  constructor(group: GroupCore) {
    this.#group = group
    group.db.on('change', this.#onChange)
  }

  register(derivation: Derivation): void {
    this.#derivations.push(derivation)
  }

  /** Resolves when nothing is due; a push that waits for its next attempt is not. Never rejects. */
  async settled(): Promise<void> {
    while (this.#flushing !== null) await this.#flushing
  }

  release(): void {
    this.#isReleased = true
    this.#group.db.off('change', this.#onChange)
    for (const { timer } of this.#retries.values()) clearTimeout(timer)
    this.#retries.clear()
    this.#dirty.clear()
  }

  readonly #onChange = ({ vault, collection }: ChangeEvent): void => {
    if (!isShardOf(this.#group.name, vault)) return
    const concerned = this.#derivations.filter(({ source }) => source === collection)
    if (concerned.length > 0) this.#touch(keyInVaultId(this.#group.name, vault), concerned)
  }

  #touch(key: string, derivations: readonly Derivation[]): void {
    const due = this.#dirty.get(key) ?? new Set()
    for (const derivation of derivations) due.add(derivation)
    this.#dirty.set(key, due)
    this.#flushing ??= Promise.resolve().then(() => this.#flush())
  }

  async #flush(): Promise<void> {
    while (this.#dirty.size > 0) {
      const due = this.#dirty
      this.#dirty = new Map()
      for (const [key, derivations] of due) {
        if (this.#isReleased) break
        await isolateAsync(`The summary of ${key}`, () => this.#push(key, [...derivations]))
      }
    }
    this.#flushing = null
  }

  async #push(key: string, derivations: readonly Derivation[]): Promise<void> {
    try {
      await this.#derive(key, derivations)
      this.#forget(key)
    } catch (error) {
      this.#tryAgain(key, derivations)
      throw error
    }
  }

  async #derive(key: string, derivations: readonly Derivation[]): Promise<void> {
    const aims = await aimAll(this.#group, derivations)
    const row = await this.#group.registry.get(shardVaultId(this.#group.name, key))
    if (row === null) return
    if (row.status === 'removed' || row.status === 'archived') {
      for (const aim of aims) await freshnessOf(this.#group, aim).mark(key, 'departed')
      return
    }
    const { failures } = await this.#deriveOrMark(row, aims)
    if (failures[0] !== undefined) throw failures[0]
  }

  async #deriveOrMark(row: VaultRegistryRow, aims: readonly Aimed[]): Promise<ShardSummaries> {
    const key = row.partitionKey
    try {
      return await deriveShard(this.#group, row, await openShard(this.#group, key), aims)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      await isolateAsync(`Marking the summaries of ${key}`, async () => {
        for (const aim of aims) await freshnessOf(this.#group, aim).mark(key, 'stale', reason)
      })
      throw error
    }
  }

  #tryAgain(key: string, derivations: readonly Derivation[]): void {
    if (this.#isReleased) return
    const attempts = (this.#retries.get(key)?.attempts ?? 0) + 1
    this.#forget(key)
    const { firstMs, mostMs } = derivations.find(({ retry }) => retry !== undefined)?.retry ?? RETRY
    const timer = setTimeout(
      () => this.#touch(key, derivations),
      Math.min(mostMs, firstMs * 2 ** (attempts - 1)),
    )
    timer.unref()
    this.#retries.set(key, { attempts, timer })
  }

  #forget(key: string): void {
    clearTimeout(this.#retries.get(key)?.timer)
    this.#retries.delete(key)
  }
}
