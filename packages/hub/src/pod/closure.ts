/**
 * Which records belong together: the seeds, everything that refers to them (inbound, repeatedly), then
 * everything those refer to (outbound, repeatedly, without what else refers to it). Ids are storage ids.
 */
import { PartitionExtractionError } from '../errors.ts'
import { readPath } from '../ids.ts'
import type { LongWork } from '../types/collection.ts'
import type { ClosureReference, WalkClosureOptions, WalkClosureResult } from '../types/bundle.ts'
import { Slices } from '../transaction/slices.ts'
import { ClosureRecords, foreignKey } from './closure-records.ts'
import type { PartitionVault } from './partition-vault.ts'

const DEFAULT_DEPTH = 16

type Ids = Map<string, Set<string>>
type JsonRecord = Record<string, unknown>

/** A closure with the records it was walked over: what is taken of it later is what was read then. */
export interface Closure extends WalkClosureResult {
  readonly records: ClosureRecords
}

/** Reads only. @throws PartitionExtractionError beyond `maxDepth` rounds, or for a seed without a text id. */
export async function walkClosure(
  vault: PartitionVault,
  options: WalkClosureOptions & LongWork,
): Promise<WalkClosureResult> {
  return new Walk(vault, options, new ClosureRecords(vault)).run()
}

/**
 * `walkClosure` with every record of the result read. A walk that goes on with more seeds takes the records of the one
 * before.
 */
export async function readClosure(
  vault: PartitionVault,
  options: WalkClosureOptions & LongWork,
  records: ClosureRecords = new ClosureRecords(vault),
): Promise<Closure> {
  const result = await new Walk(vault, options, records).run()
  const slices = slicesOf(options)
  for (const [collection, ids] of result.closure) {
    for (const id of ids) {
      if (slices.due()) await slices.pause()
      if (records.known(collection, id) === undefined) await records.entry(collection, id)
    }
  }
  return { ...result, records }
}

function slicesOf({ signal }: LongWork): Slices {
  return new Slices(signal === undefined ? {} : { signal })
}

class Walk {
  readonly #closure: Ids = new Map()
  #cyclesDetected = false
  readonly #vault: PartitionVault
  readonly #options: WalkClosureOptions
  readonly #maxDepth: number
  readonly #slices: Slices
  readonly #records: ClosureRecords

  constructor(vault: PartitionVault, options: WalkClosureOptions & LongWork, records: ClosureRecords) {
    this.#vault = vault
    this.#records = records
    this.#options = options
    this.#maxDepth = options.maxDepth ?? DEFAULT_DEPTH
    this.#slices = slicesOf(options)
  }

  async run(): Promise<WalkClosureResult> {
    const seeds = await this.#seed()
    const inbound = await this.#rounds(seeds, (frontier) => this.#referrers(frontier))
    const outbound = await this.#rounds(this.#closure, (frontier) => this.#targets(frontier))
    const graph = { depth: Math.max(inbound, outbound), cyclesDetected: this.#cyclesDetected }
    return { closure: this.#closure, graph }
  }

  async #seed(): Promise<Ids> {
    const found: Ids = new Map()
    for (const [collection, isSeed] of Object.entries(this.#options.seeds)) {
      for (const [id, { record }] of await this.#records.entries(collection)) {
        if (this.#slices.due()) await this.#slices.pause()
        // The predicate is the caller's; a record that is no object has no members to look at.
        if (!(await isSeed(record as JsonRecord, id))) continue
        assertIdentity(collection, id, record)
        addTo(found, collection, id)
      }
    }
    await this.#seedById(found)
    return this.#add(found)
  }

  async #seedById(found: Ids): Promise<void> {
    for (const [collection, ids] of this.#options.seedIds ?? []) {
      for (const id of ids) {
        if (this.#slices.due()) await this.#slices.pause()
        const entry = await this.#records.entry(collection, id)
        if (entry === null) continue
        assertIdentity(collection, id, entry.record)
        addTo(found, collection, id)
      }
    }
  }

  /** Repeats `step` on what the round before added; gives the number of rounds that added something. */
  async #rounds(seeds: Ids, step: (frontier: Ids) => Promise<Ids>): Promise<number> {
    let frontier = new Map(seeds)
    for (let depth = 0; ; depth += 1) {
      const added = this.#add(await step(frontier))
      if (added.size === 0) return depth
      if (depth >= this.#maxDepth) {
        throw new PartitionExtractionError(`The references lead further than ${this.#maxDepth} steps.`)
      }
      frontier = added
    }
  }

  /** Records whose reference field holds an id of the frontier. */
  async #referrers(frontier: Ids): Promise<Ids> {
    const found: Ids = new Map()
    for (const [target, ids] of frontier) {
      for (const { collection, field, mode } of this.#vault
        ._introspectState()
        .refRegistry.getInbound(target)) {
        if (!this.#follows({ collection, field, target, mode })) continue
        const byKey = await this.#records.referrers(collection, field)
        for (const id of ids) for (const referrer of byKey.get(id) ?? []) addTo(found, collection, referrer)
        if (this.#slices.due()) await this.#slices.pause()
      }
    }
    this.#cyclesDetected ||= this.#leadsBack(found)
    return found
  }

  /** Ids that records of the frontier refer to, whether or not such records exist. */
  async #targets(frontier: Ids): Promise<Ids> {
    const found: Ids = new Map()
    for (const [collection, ids] of frontier) {
      const refs = Object.entries(this.#vault._introspectState().refRegistry.getOutbound(collection)).filter(
        ([field, { target, mode }]) => this.#follows({ collection, field, target, mode }),
      )
      if (refs.length === 0) continue
      for (const id of ids) {
        const record = (await this.#records.entry(collection, id))?.record
        for (const [field, { target }] of refs) {
          const key = foreignKey(record, field)
          if (key !== null) addTo(found, target, key)
        }
        if (this.#slices.due()) await this.#slices.pause()
      }
    }
    return found
  }

  #follows(reference: ClosureReference): boolean {
    return this.#options.follow?.(reference) ?? true
  }

  #leadsBack(found: Ids): boolean {
    for (const [collection, ids] of found) {
      for (const id of ids) if (this.#closure.get(collection)?.has(id) === true) return true
    }
    return false
  }

  /** What of `found` is new. */
  #add(found: Ids): Ids {
    const added: Ids = new Map()
    for (const [collection, ids] of found) {
      for (const id of ids) {
        if (this.#closure.get(collection)?.has(id) === true) continue
        addTo(added, collection, id)
        addTo(this.#closure, collection, id)
      }
    }
    return added
  }
}

function addTo(ids: Ids, collection: string, id: string): void {
  const known = ids.get(collection)
  if (known === undefined) ids.set(collection, new Set([id]))
  else known.add(id)
}

/** Identity is the storage id; a body may repeat it, but as text, or its readers would take it for another record. */
function assertIdentity(collection: string, id: string, record: unknown): void {
  const own = readPath(record, 'id')
  if (own === undefined || typeof own === 'string') return
  throw new PartitionExtractionError(
    `${collection}/${id} cannot be extracted: the "id" in its body is not text.`,
  )
}
