/** One state per reducer, made in each shard and merged: an aggregate holds as many states as there are shards, whatever their size. */
import { GroupCardinalityError } from '@noy-db/hub'
import type { AggregateResult, AggregateSpec } from '@noy-db/hub/kernel'
import { readPath } from '@noy-db/hub/kernel'
import type { Fold } from '../fanout/shard-source.ts'

type States = unknown[]

/** The hub's own limits, which hold for the union here. */
const MAX_GROUPS = 100_000
const WARN_GROUPS = 10_000

export class PartialReduce<Spec extends AggregateSpec> {
  readonly #entries: ReadonlyArray<readonly [string, Spec[string]]>
  readonly #reducers: ReadonlyArray<Spec[string]>

  constructor(spec: Spec) {
    this.#entries = Object.entries(spec) as Array<[string, Spec[string]]> // the values of a Spec are its reducers
    this.#reducers = this.#entries.map(([, reducer]) => reducer)
  }

  /** Every reducer can combine two partial states. */
  get isMergeable(): boolean {
    return this.#entries.every(([, reducer]) => reducer.merge !== undefined)
  }

  init(): States {
    return this.#entries.map(([, reducer]): unknown => reducer.init())
  }

  /** Once for every record: an iterator here would cost more than the reducers. */
  step(states: States, record: unknown): void {
    for (let at = 0; at < this.#reducers.length; at += 1) {
      states[at] = this.#reducers[at]?.step(states[at], record)
    }
  }

  merge(left: States, right: States): States {
    return this.#entries.map(([, reducer], at): unknown => reducer.merge?.(left[at], right[at]))
  }

  results(states: States): AggregateResult<Spec> {
    const results = this.#entries.map(([name, reducer], at) => [name, reducer.finalize(states[at])] as const)
    return Object.fromEntries(results) as AggregateResult<Spec> // one result per key of the spec, by construction
  }
}

/** `states` in a box, since a fold changes what it is given. */
export function scalarFold(reduce: PartialReduce<AggregateSpec>): Fold<{ states: States }> {
  return {
    make: () => ({ states: reduce.init() }),
    add({ states }, rows) {
      for (const { record } of rows) reduce.step(states, record)
    },
  }
}

export type Groups = Map<unknown, States>

export function groupFold(reduce: PartialReduce<AggregateSpec>, field: string): Fold<Groups> {
  return {
    make: () => new Map(),
    add(groups, rows) {
      for (const { record } of rows) {
        const key = readPath(record, field)
        let states = groups.get(key)
        if (states === undefined) groups.set(key, (states = reduce.init()))
        reduce.step(states, record)
      }
      checkGroups(field, groups)
    },
  }
}

/** In first-seen order over the shards in theirs. @throws GroupCardinalityError */
export function mergeGroups(
  reduce: PartialReduce<AggregateSpec>,
  field: string,
  parts: Iterable<Groups>,
): Groups {
  const all: Groups = new Map()
  for (const part of parts) {
    for (const [key, states] of part) {
      const known = all.get(key)
      all.set(key, known === undefined ? states : reduce.merge(known, states))
    }
    checkGroups(field, all)
  }
  if (all.size >= WARN_GROUPS) console.warn(`Grouping by ${field} makes ${all.size} groups.`)
  return all
}

function checkGroups(field: string, groups: Groups): void {
  if (groups.size > MAX_GROUPS) throw new GroupCardinalityError(field, groups.size, MAX_GROUPS)
}
