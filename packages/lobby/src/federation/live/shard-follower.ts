/** Keeps what each shard gave, and reads again only the shards that changed and those that failed before. */
import { jsonEquals } from '@noy-db/hub/kernel'
import type { Dimensions } from '../fanout/dimensions.ts'
import { skippedFor, type Eligible } from '../fanout/eligible.ts'
import type { Reduction } from '../fanout/reduction.ts'
import type { ShardSource } from '../fanout/shard-source.ts'
import type { FanoutQueryOptions, SkippedVault } from '../types.ts'
import { sameSkips, type Dirty, type Follower, type Update } from './follower.ts'

interface Entry<P> {
  readonly part?: { readonly of: P }
  readonly skipped?: SkippedVault
  /** Drift and absence are reported before failures to read. */
  readonly stage: 'before' | 'read'
}

export class ShardFollower<P, V> implements Follower<V> {
  readonly #source: ShardSource
  readonly #reduction: Reduction<P, V>
  readonly #options: FanoutQueryOptions
  #entries: ReadonlyMap<string, Entry<P>> = new Map()
  #dimensions: Dimensions | null = null
  #last: Update<V> | null = null

  constructor(source: ShardSource, reduction: Reduction<P, V>, options: FanoutQueryOptions) {
    this.#source = source
    this.#reduction = reduction
    this.#options = options
  }

  async update(dirty: Dirty): Promise<Update<V>> {
    const dimensions = await this.#source.dimensions(this.#dimensions)
    const isWhole = dirty === 'all' || this.#last === null || dimensions !== this.#dimensions
    const entries = isWhole ? await this.#readAll(dimensions) : await this.#readSome(dirty, dimensions)
    const last = this.#finish(entries)
    this.#entries = entries
    this.#dimensions = dimensions
    return (this.#last = last)
  }

  async #readAll(dimensions: Dimensions): Promise<Map<string, Entry<P>>> {
    const entries = new Map<string, Entry<P>>()
    await this.#read(entries, await this.#source.eligible(this.#options), dimensions)
    return entries
  }

  /** A shard keeps its place; one that is new comes last, as it does in the registry. */
  async #readSome(dirty: ReadonlySet<string>, dimensions: Dimensions): Promise<Map<string, Entry<P>>> {
    const ids = new Set(dirty)
    for (const [id, { skipped }] of this.#entries) if (skipped?.reason === 'error') ids.add(id)
    const entries = new Map(this.#entries)
    const found = await this.#source.eligibleOf(ids, this.#options)
    const there = new Set([...found.eligible, ...found.skipped].map(({ vaultId }) => vaultId))
    for (const id of ids) if (!there.has(id)) entries.delete(id)
    await this.#read(entries, found, dimensions)
    return entries
  }

  async #read(entries: Map<string, Entry<P>>, found: Eligible, dimensions: Dimensions): Promise<void> {
    for (const skipped of found.skipped) entries.set(skipped.vaultId, { skipped, stage: 'before' })
    const answers = await this.#source.fold(found.eligible, this.#reduction.fold, dimensions, this.#options)
    for (const { row, answer, error } of answers) {
      if (error === undefined) entries.set(row.vaultId, { part: { of: answer }, stage: 'read' })
      else entries.set(row.vaultId, { skipped: skippedFor(row.vaultId, error), stage: 'read' })
    }
  }

  #finish(entries: ReadonlyMap<string, Entry<P>>): Update<V> {
    const last = this.#last
    const skippedVaults = skipsOf(entries)
    const skipsAgree = last !== null && sameSkips(last.skippedVaults, skippedVaults)
    if (last !== null && this.#sameParts(entries)) return { ...last, skippedVaults, changed: !skipsAgree }
    const value = this.#reduction.finish(partsOf(entries))
    const valuesAgree =
      last !== null && this.#reduction.samePart === undefined && jsonEquals(last.value, value)
    return { value, skippedVaults, changed: !(skipsAgree && valuesAgree) }
  }

  /** Where parts can be compared: untouched ones are the same object. */
  #sameParts(entries: ReadonlyMap<string, Entry<P>>): boolean {
    const { samePart } = this.#reduction
    if (samePart === undefined || entries.size !== this.#entries.size) return false
    for (const [id, { part }] of entries) {
      const before = this.#entries.get(id)?.part
      if (part === before) continue
      if (part === undefined || before === undefined || !samePart(part.of, before.of)) return false
    }
    return true
  }
}

function partsOf<P>(entries: ReadonlyMap<string, Entry<P>>): P[] {
  const parts: P[] = []
  for (const { part } of entries.values()) if (part !== undefined) parts.push(part.of)
  return parts
}

function skipsOf(entries: ReadonlyMap<string, Entry<unknown>>): SkippedVault[] {
  const all = [...entries.values()]
  const before = all.filter(({ stage }) => stage === 'before').flatMap(({ skipped }) => skipped ?? [])
  const failed = all.filter(({ stage }) => stage === 'read').flatMap(({ skipped }) => skipped ?? [])
  const [drift, absent] = [before.filter(isDrift), before.filter((skip) => !isDrift(skip))]
  return [...drift, ...absent, ...failed]
}

function isDrift({ reason }: SkippedVault): boolean {
  return reason === 'schema-drift'
}
