/**
 * Which records belong together: the seeds, everything that refers to them (inbound, repeatedly), then
 * everything those refer to (outbound, repeatedly, without what else refers to it). Ids are storage ids.
 */
import { PartitionExtractionError } from '../errors.ts'
import { readPath } from '../ids.ts'
import type { LongWork, RecordEntry } from '../types/collection.ts'
import type { WalkClosureOptions, WalkClosureResult } from '../types/bundle.ts'
import { Slices } from '../transaction/slices.ts'
import type { PartitionVault } from './partition-vault.ts'

const DEFAULT_DEPTH = 16

type Ids = Map<string, Set<string>>
type JsonRecord = Record<string, unknown>
type Entry = RecordEntry<unknown>

/** A closure with the records the walk has read, so that nobody opens them a second time. */
export interface Closure extends WalkClosureResult {
  /** Null where a reference leads to no record. */
  entry(collection: string, id: string): Promise<Entry | null>
  /** The same at once, where the walk has read the collection. */
  known(collection: string, id: string): Entry | undefined
}

/** Reads only. @throws PartitionExtractionError beyond `maxDepth` rounds, or for a seed without a text id. */
export async function walkClosure(
  vault: PartitionVault,
  options: WalkClosureOptions & LongWork,
): Promise<WalkClosureResult> {
  const { closure, graph } = await readClosure(vault, options)
  return { closure, graph }
}

/** `walkClosure`, keeping what was read. */
export async function readClosure(
  vault: PartitionVault,
  options: WalkClosureOptions & LongWork,
): Promise<Closure> {
  const walk = new Walk(vault, options)
  const seeds = await walk.seed()
  const inbound = await walk.rounds(seeds, (frontier) => walk.referrers(frontier))
  const outbound = await walk.rounds(walk.closure, (frontier) => walk.targets(frontier))
  const graph = { depth: Math.max(inbound, outbound), cyclesDetected: walk.cyclesDetected }
  return {
    closure: walk.closure,
    graph,
    entry: (collection, id) => walk.entry(collection, id),
    known: (collection, id) => walk.known(collection, id),
  }
}

class Walk {
  readonly closure: Ids = new Map()
  cyclesDetected = false
  readonly #vault: PartitionVault
  readonly #options: WalkClosureOptions
  readonly #maxDepth: number
  readonly #slices: Slices
  readonly #read = new Map<string, Map<string, Entry>>()
  readonly #referrersByField = new Map<string, Map<string, string[]>>()

  constructor(vault: PartitionVault, options: WalkClosureOptions & LongWork) {
    this.#vault = vault
    this.#options = options
    this.#maxDepth = options.maxDepth ?? DEFAULT_DEPTH
    this.#slices = new Slices(options.signal === undefined ? {} : { signal: options.signal })
  }

  async seed(): Promise<Ids> {
    const found: Ids = new Map()
    for (const [collection, isSeed] of Object.entries(this.#options.seeds)) {
      for (const [id, { record }] of await this.#entries(collection)) {
        if (this.#slices.due()) await this.#slices.pause()
        // The predicate is the caller's; a record that is no object has no members to look at.
        if (!(await isSeed(record as JsonRecord, id))) continue
        assertIdentity(collection, id, record)
        addTo(found, collection, id)
      }
    }
    return this.#add(found)
  }

  /** Repeats `step` on what the round before added; gives the number of rounds that added something. */
  async rounds(seeds: Ids, step: (frontier: Ids) => Promise<Ids>): Promise<number> {
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
  async referrers(frontier: Ids): Promise<Ids> {
    const found: Ids = new Map()
    for (const [target, ids] of frontier) {
      for (const { collection, field } of this.#vault._introspectState().refRegistry.getInbound(target)) {
        const byKey = await this.#referrers(collection, field)
        for (const id of ids) for (const referrer of byKey.get(id) ?? []) addTo(found, collection, referrer)
        if (this.#slices.due()) await this.#slices.pause()
      }
    }
    this.cyclesDetected ||= this.#leadsBack(found)
    return found
  }

  /** Ids that records of the frontier refer to, whether or not such records exist. */
  async targets(frontier: Ids): Promise<Ids> {
    const found: Ids = new Map()
    for (const [collection, ids] of frontier) {
      const refs = Object.entries(this.#vault._introspectState().refRegistry.getOutbound(collection))
      if (refs.length === 0) continue
      for (const id of ids) {
        const record = (await this.entry(collection, id))?.record
        for (const [field, { target }] of refs) {
          const key = foreignKey(record, field)
          if (key !== null) addTo(found, target, key)
        }
        if (this.#slices.due()) await this.#slices.pause()
      }
    }
    return found
  }

  #leadsBack(found: Ids): boolean {
    for (const [collection, ids] of found) {
      for (const id of ids) if (this.closure.get(collection)?.has(id) === true) return true
    }
    return false
  }

  /** What of `found` is new. */
  #add(found: Ids): Ids {
    const added: Ids = new Map()
    for (const [collection, ids] of found) {
      for (const id of ids) {
        if (this.closure.get(collection)?.has(id) === true) continue
        addTo(added, collection, id)
        addTo(this.closure, collection, id)
      }
    }
    return added
  }

  /** Without reading a whole collection for one record. */
  async entry(collection: string, id: string): Promise<Entry | null> {
    const known = this.#read.get(collection)
    return known === undefined ? this.#vault.collection(collection).entry(id) : (known.get(id) ?? null)
  }

  known(collection: string, id: string): Entry | undefined {
    return this.#read.get(collection)?.get(id)
  }

  async #entries(collection: string): Promise<Map<string, Entry>> {
    const known = this.#read.get(collection)
    if (known !== undefined) return known
    const entries = await this.#vault.collection<unknown>(collection).entries()
    const byId = new Map(entries.map((entry) => [entry.id, entry]))
    this.#read.set(collection, byId)
    return byId
  }

  async #referrers(collection: string, field: string): Promise<Map<string, string[]>> {
    const name = JSON.stringify([collection, field])
    const known = this.#referrersByField.get(name)
    if (known !== undefined) return known
    const byKey = new Map<string, string[]>()
    for (const [id, { record }] of await this.#entries(collection)) {
      const key = foreignKey(record, field)
      if (key === null) continue
      const ids = byKey.get(key)
      if (ids === undefined) byKey.set(key, [id])
      else ids.push(id)
    }
    this.#referrersByField.set(name, byKey)
    return byKey
  }
}

function foreignKey(record: unknown, field: string): string | null {
  const value = readPath(record, field)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
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
