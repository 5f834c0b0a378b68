/**
 * Which records of several vaults belong together: each vault by the hub's walk, and from each what its records refer to in
 * others, until nothing is added. One reading of every vault: the plan keeps the records, and packing it takes those.
 */
import { ValidationError } from '@noy-db/hub'
import type { LongWork, VaultApi } from '@noy-db/hub'
import { onlySignal, pace, type Pace } from '../pace.ts'
import { holdsIn, readRefs, type ReadRef } from './ref.ts'
import type { CrossVaultClosurePlan, VaultRecordRef, WalkCrossVaultOptions } from './types.ts'
import { WalkedVault, type Ids } from './walked-vault.ts'

const DEFAULT_DEPTH = 16

export type OpenVault = (name: string) => Promise<VaultApi>

/** Reads only. @throws ValidationError (references, depth), the hub's PartitionExtractionError, what `openVault` throws */
export async function walkCrossVaultClosure(
  openVault: OpenVault,
  options: WalkCrossVaultOptions,
): Promise<CrossVaultClosurePlan> {
  const walk = new CrossVaultWalk(openVault, options)
  await walk.run()
  return walk.plan()
}

const walked = new WeakMap<CrossVaultClosurePlan, ReadonlyMap<string, WalkedVault>>()

/** The vaults behind a plan, as they were read. @throws ValidationError for a copy of a plan */
export function vaultsOf(plan: CrossVaultClosurePlan): ReadonlyMap<string, WalkedVault> {
  const vaults = walked.get(plan)
  if (vaults === undefined) throw new ValidationError('This plan is a copy; walk again to pack it.')
  return vaults
}

class CrossVaultWalk {
  readonly #open: OpenVault
  readonly #options: WalkCrossVaultOptions
  readonly #refs: readonly ReadRef[]
  readonly #rounds: number
  readonly #slices: Pace
  readonly #vaults = new Map<string, WalkedVault>()
  /** Every record another one refers to across vaults, in the order they were found. */
  readonly #targets: VaultRecordRef[] = []

  constructor(open: OpenVault, options: WalkCrossVaultOptions) {
    this.#open = open
    this.#options = options
    this.#refs = readRefs(options.crossVaultRefs ?? [])
    this.#rounds = (options.maxDepth ?? DEFAULT_DEPTH) + 1
    if (!Number.isSafeInteger(this.#rounds) || this.#rounds < 1)
      throw new ValidationError('The depth of a walk is a whole number from 0.')
    this.#slices = pace(onlySignal(options))
  }

  async run(): Promise<void> {
    const { vault, seeds } = this.#options.seed
    this.#vaults.set(vault, await WalkedVault.open(await this.#open(vault), seeds))
    let due: ReadonlySet<string> = new Set([vault])
    for (let round = 0; round < this.#rounds && due.size > 0; round += 1) due = await this.#round(due, round)
  }

  /** Names of the vaults of which more is wanted now. */
  async #round(due: ReadonlySet<string>, round: number): Promise<ReadonlySet<string>> {
    const next = new Set<string>()
    for (const name of due) {
      const vault = this.#vaults.get(name)
      if (vault === undefined) continue
      const added = await vault.walk(this.#walkOptions())
      const isLast = round === this.#rounds - 1
      for await (const target of this.#targetsIn(name, vault, added))
        if (await this.#want(target, isLast)) next.add(target.vault)
    }
    return next
  }

  #walkOptions(): { maxDepth?: number } & LongWork {
    const { maxDepth, signal } = this.#options
    return { ...(maxDepth !== undefined && { maxDepth }), ...(signal !== undefined && { signal }) }
  }

  async *#targetsIn(name: string, vault: WalkedVault, added: Ids): AsyncGenerator<VaultRecordRef> {
    const refs = this.#refs.filter((ref) => holdsIn(ref, name))
    for (const { ref, idsIn } of refs) {
      for (const id of added.get(ref.from.collection) ?? []) {
        await this.#slices.step()
        const record = await vault.recordOf(ref.from.collection, id)
        for (const target of idsIn(record))
          yield { vault: ref.to.vault, collection: ref.to.collection, id: target }
      }
    }
  }

  /** A vault that no round is left for is not opened: what is wanted of it dangles. */
  async #want(target: VaultRecordRef, isLast: boolean): Promise<boolean> {
    const known = this.#vaults.get(target.vault)
    const vault = known ?? (isLast ? null : await WalkedVault.open(await this.#open(target.vault)))
    if (vault === null) {
      this.#targets.push(target)
      return false
    }
    if (known === undefined) this.#vaults.set(target.vault, vault)
    if (!vault.want(target.collection, target.id)) return false
    this.#targets.push(target)
    return true
  }

  plan(): CrossVaultClosurePlan {
    const vaults = [...this.#vaults]
    const plan: CrossVaultClosurePlan = {
      perVaultSeeds: new Map(vaults.map(([name, vault]) => [name, vault.seeds()])),
      perVaultClosure: new Map(vaults.map(([name, vault]) => [name, vault.closure.closure])),
      dangling: this.#dangling(),
    }
    walked.set(plan, this.#vaults)
    return plan
  }

  #dangling(): VaultRecordRef[] {
    const missing = this.#targets.filter(({ vault, collection, id }) => {
      return this.#vaults.get(vault)?.closure.closure.get(collection)?.has(id) !== true
    })
    const byPlace = new Map(missing.map((ref) => [JSON.stringify([ref.vault, ref.collection, ref.id]), ref]))
    return [...byPlace.values()]
  }
}
