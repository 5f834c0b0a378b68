/** What a collection declares as its indexes, in one form. */
import { ValidationError } from '../errors.ts'
import { readPath } from '../ids.ts'
import type { IndexDef } from '../types/schema.ts'

/** Fields (dotted paths) that are looked up together by equality. */
export type IndexFields = readonly string[]

const MOST_INDEXES = 32
const MOST_FIELDS = 8

/** Without repetitions, in declared order. @throws ValidationError for an index without fields, or with too many */
export function indexesOf(declared: readonly IndexDef[]): IndexFields[] {
  const byName = new Map(declared.map(fieldsOf).map((fields) => [indexName(fields), fields]))
  if (byName.size > MOST_INDEXES)
    throw new ValidationError(`A collection has at most ${MOST_INDEXES} indexes.`)
  return [...byName.values()]
}

function fieldsOf(index: IndexDef): IndexFields {
  if (typeof index === 'string') return checked([index])
  return checked('fields' in index ? index.fields : index)
}

function checked(fields: IndexFields): IndexFields {
  if (fields.length >= 1 && fields.length <= MOST_FIELDS && fields.every((field) => field !== ''))
    return fields
  throw new ValidationError(`An index has 1 to ${MOST_FIELDS} named fields.`)
}

/** The same for the same fields in the same order. */
export function indexName(fields: IndexFields): string {
  return JSON.stringify(fields)
}

/** What equality can find: texts, finite numbers, booleans, null. Others are never equal to a queried value. */
export type IndexValue = string | number | boolean | null

export function isIndexValue(value: unknown): value is IndexValue {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  )
}

/** The values of a record under an index; null when one of them cannot be found by equality. */
export function valuesOf(fields: IndexFields, record: unknown): IndexValue[] | null {
  const values: IndexValue[] = []
  for (const field of fields) {
    const value = readPath(record, field)
    if (!isIndexValue(value)) return null
    values.push(value)
  }
  return values
}
