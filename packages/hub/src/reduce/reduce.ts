/** One pass over records: a single row of results, or one row per distinct value of a field. */
import { GroupCardinalityError } from '../errors.ts'
import { readPath } from '../ids.ts'
import type { AggregateResult, AggregateSpec } from '../types/query.ts'

const MAX_GROUPS = 100_000
const WARN_GROUPS = 10_000

export function reduceRecords<Spec extends AggregateSpec>(
  records: readonly unknown[],
  spec: Spec,
): AggregateResult<Spec> {
  const pass = new Pass(spec)
  for (const record of records) pass.step(record)
  return pass.results() as AggregateResult<Spec> // one result per key of the spec, by construction
}

/** Rows `{ [field]: key, ...results }` in first-seen order; `null` and `undefined` are separate groups. */
export function groupAndReduce<R>(records: readonly unknown[], field: string, spec: AggregateSpec): R[] {
  const groups = new Map<unknown, Pass>()
  for (const record of records) {
    const key = readPath(record, field)
    const group = groups.get(key) ?? new Pass(spec)
    group.step(record)
    groups.set(key, group)
    if (groups.size > MAX_GROUPS) throw new GroupCardinalityError(field, groups.size, MAX_GROUPS)
  }
  if (groups.size >= WARN_GROUPS) console.warn(`Grouping by ${field} makes ${groups.size} groups.`)
  // The caller names the row type, as the declaration of this function in the interface demands.
  return [...groups].map(([key, group]) => ({ [field]: key, ...group.results() }) as R)
}

class Pass {
  readonly #spec: AggregateSpec
  readonly #states: Map<string, unknown>

  constructor(spec: AggregateSpec) {
    this.#spec = spec
    this.#states = new Map(Object.entries(spec).map(([name, reducer]) => [name, reducer.init() as unknown]))
  }

  step(record: unknown): void {
    for (const [name, reducer] of Object.entries(this.#spec)) {
      this.#states.set(name, reducer.step(this.#states.get(name), record))
    }
  }

  results(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.#spec).map(([name, reducer]) => [name, reducer.finalize(this.#states.get(name))]),
    )
  }
}
