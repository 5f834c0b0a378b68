/** What changed between two JSON Schemas of one collection, by the members at the top. */
import { isJsonObject } from '../pod/untrusted-json.ts'
import { jsonEquals } from '../diff/json.ts'
import type { SchemaDelta } from '../types/schema.ts'
import type { JsonSchema } from './json-schema.ts'

/** Additive: new optional members only. Anything that could refuse or lose what is stored is non-additive. */
export function schemaDelta(collection: string, before: JsonSchema, after: JsonSchema): SchemaDelta {
  const [old, now] = [viewOf(before), viewOf(after)]
  const added = [...now.members.keys()].filter((field) => !old.members.has(field))
  const removed = [...old.members.keys()].filter((field) => !now.members.has(field))
  const changed = [...now.members.keys()]
    .filter((field) => old.members.has(field))
    .map((field) => ({
      field,
      requiredChanged: old.required.has(field) !== now.required.has(field),
      shapeChanged: !jsonEquals(old.members.get(field), now.members.get(field)),
    }))
    .filter(({ requiredChanged, shapeChanged }) => requiredChanged || shapeChanged)
  const breaks =
    removed.length > 0 ||
    changed.length > 0 ||
    added.some((field) => now.required.has(field)) ||
    !jsonEquals(old.rest, now.rest)
  const kind = breaks ? 'non-additive' : added.length > 0 ? 'additive' : 'none'
  return { collection, kind, added, removed, changed }
}

interface SchemaView {
  /** Shape by member, without annotations. */
  readonly members: ReadonlyMap<string, unknown>
  readonly required: ReadonlySet<unknown>
  /** What the schema asks for besides its members: a union at the top, whether others are allowed. */
  readonly rest: unknown
}

function viewOf(schema: JsonSchema): SchemaView {
  const { properties, required, $defs, definitions, ...rest } = schema
  const shared = [shapeOf($defs ?? null), shapeOf(definitions ?? null)]
  // A member that points elsewhere is compared together with everything it may point at.
  const view = (value: unknown): unknown =>
    JSON.stringify(value).includes('"$ref"') ? [shapeOf(value), shared] : shapeOf(value)
  const members = Object.entries(isJsonObject(properties) ? properties : {})
  return {
    members: new Map(members.map(([field, member]) => [field, view(member)])),
    required: new Set<unknown>(Array.isArray(required) ? required : []),
    rest: view(rest),
  }
}

/** Keywords that describe and do not constrain. */
const ANNOTATIONS = new Set([
  '$schema',
  '$id',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
])
/** Keywords whose members are names of the user's, not keywords. */
const NAMED = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
/** Keywords whose values are data. */
const DATA = new Set(['const', 'enum'])

function shapeOf(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(shapeOf)
  if (!isJsonObject(schema)) return schema
  const kept = Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.has(keyword))
  return Object.fromEntries(
    kept.map(([keyword, value]) => [keyword, DATA.has(keyword) ? value : shapeUnder(keyword, value)]),
  )
}

function shapeUnder(keyword: string, value: unknown): unknown {
  if (!NAMED.has(keyword) || !isJsonObject(value)) return shapeOf(value)
  return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, shapeOf(schema)]))
}
