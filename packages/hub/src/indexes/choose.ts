/** Which declared index answers a query, and under which values. */
import { isIndexValue, type IndexFields, type IndexValue } from './definition.ts'

/** A `==` or `in` that every row of the query has to meet. */
export interface Equality {
  readonly field: string
  readonly values: readonly unknown[]
}

export interface Lookup {
  readonly fields: IndexFields
  /** Any of these. */
  readonly tuples: readonly (readonly IndexValue[])[]
}

/** Beyond this many tuples reading everything is no dearer. */
const MOST_TUPLES = 1_000

/** The index with the most fields among those the query fixes; null when none does. */
export function chooseIndex(indexes: readonly IndexFields[], equalities: readonly Equality[]): Lookup | null {
  const wanted = new Map<string, readonly IndexValue[]>()
  for (const { field, values } of equalities) {
    // A missing member equals `undefined`, and has no token; what else is no index value equals nothing stored.
    if (wanted.has(field) || values.includes(undefined)) continue
    wanted.set(field, [...new Set(values.filter(isIndexValue))])
  }
  const longestFirst = [...indexes].sort((left, right) => right.length - left.length)
  for (const fields of longestFirst) {
    const tuples = tuplesOf(fields, wanted)
    if (tuples !== null) return { fields, tuples }
  }
  return null
}

function tuplesOf(
  fields: IndexFields,
  wanted: ReadonlyMap<string, readonly IndexValue[]>,
): IndexValue[][] | null {
  let tuples: IndexValue[][] = [[]]
  for (const field of fields) {
    const values = wanted.get(field)
    if (values === undefined || tuples.length * values.length > MOST_TUPLES) return null
    tuples = tuples.flatMap((tuple) => values.map((value) => [...tuple, value]))
  }
  return tuples
}
