/** One vault of a walk over several: its records are read once, however often other vaults add to what is wanted of it. */
import type { LongWork, VaultApi } from '@noy-db/hub'
import { ClosureRecords, readClosure, type Closure } from '@noy-db/hub/bundle'
import { LobbyError } from '../errors.ts'
import type { SeedPredicate } from './types.ts'

export type Ids = Map<string, Set<string>>

export class WalkedVault {
  readonly vault: VaultApi
  /** Ids other records refer to. */
  readonly wanted: Ids = new Map()
  readonly #seeds: Record<string, SeedPredicate>
  readonly #generation: number
  readonly #records: ClosureRecords
  readonly #picked: Ids = new Map()
  #closure: Closure | null = null

  /** `seeds` of the primary vault alone. */
  static async open(vault: VaultApi, seeds: Record<string, SeedPredicate> = {}): Promise<WalkedVault> {
    return new WalkedVault(vault, seeds, (await vault.schemaFenceState()).currentSchemaVersion)
  }

  private constructor(vault: VaultApi, seeds: Record<string, SeedPredicate>, generation: number) {
    this.vault = vault
    this.#seeds = seeds
    this.#generation = generation
    this.#records = new ClosureRecords(vault)
  }

  get closure(): Closure {
    if (this.#closure === null) throw new Error('This vault was not walked yet.')
    return this.#closure
  }

  /** Whether it is new that this record is wanted. */
  want(collection: string, id: string): boolean {
    if (this.wanted.get(collection)?.has(id) === true) return false
    addTo(this.wanted, collection, id)
    return true
  }

  /** The ids this walk added. */
  async walk(options: { maxDepth?: number } & LongWork): Promise<Ids> {
    const before = this.#closure?.closure
    // The caller's predicates are asked once per record: what they chose is wanted by id from then on.
    const seeds = before === undefined ? this.#noting() : {}
    const seedIds = before === undefined ? this.wanted : union(this.#picked, this.wanted)
    this.#closure = await readClosure(this.vault, { ...options, seeds, seedIds }, this.#records)
    return difference(this.#closure.closure, before)
  }

  #noting(): Record<string, SeedPredicate> {
    const noting = Object.entries(this.#seeds).map(([collection, isSeed]): [string, SeedPredicate] => [
      collection,
      async (record, id = '') => {
        const chosen = await isSeed(record, id)
        if (chosen) addTo(this.#picked, collection, id)
        return chosen
      },
    ])
    return Object.fromEntries(noting)
  }

  async recordOf(collection: string, id: string): Promise<unknown> {
    return (await this.#records.entry(collection, id))?.record
  }

  /** The caller's choice, and what other records refer to. */
  seeds(): Record<string, SeedPredicate> {
    const names = new Set([...Object.keys(this.#seeds), ...this.wanted.keys()])
    return Object.fromEntries([...names].map((name) => [name, this.#seedOf(name)]))
  }

  #seedOf(collection: string): SeedPredicate {
    const ids = this.wanted.get(collection)
    const own = Object.hasOwn(this.#seeds, collection) ? this.#seeds[collection] : undefined
    return (record, id = String(record['id'])) => ids?.has(id) === true || (own?.(record, id) ?? false)
  }

  /** Records that are there, by collection. */
  counts(): { name: string; count: number }[] {
    const counted = [...this.closure.closure].map(([name, ids]) => ({
      name,
      count: [...ids].filter((id) => (this.#records.known(name, id) ?? null) !== null).length,
    }))
    return counted.filter(({ count }) => count > 0)
  }

  /** @throws LobbyError `PLAN_STALE` when the vault was migrated since: its records are of the version before. */
  async schemaVersion(): Promise<number> {
    const { currentSchemaVersion } = await this.vault.schemaFenceState()
    if (currentSchemaVersion === this.#generation) return currentSchemaVersion
    throw new LobbyError('PLAN_STALE', `${this.vault.name} was migrated since its records were read.`)
  }
}

function addTo(ids: Ids, collection: string, id: string): void {
  const known = ids.get(collection)
  if (known === undefined) ids.set(collection, new Set([id]))
  else known.add(id)
}

function union(left: Ids, right: Ids): Ids {
  const both: Ids = new Map()
  for (const ids of [left, right])
    for (const [collection, some] of ids)
      both.set(collection, new Set([...(both.get(collection) ?? []), ...some]))
  return both
}

function difference(all: Ids, without: Ids | undefined): Ids {
  if (without === undefined) return all
  const rest: Ids = new Map()
  for (const [collection, ids] of all)
    for (const id of ids) if (without.get(collection)?.has(id) !== true) addTo(rest, collection, id)
  return rest
}
