/** Which fields a JSON Schema describes, as dotted paths with `*` for the entries of a list. */

type Schema = Readonly<Record<string, unknown>>

/** Whether the schema has something to say about the field at `path`. References lead to `#/$defs/…` of the same schema. */
export function schemaHas(root: Schema, path: string): boolean {
  return schemaAt(root, path) !== null
}

/** The part of the schema that describes `path`; null where it has none. */
function schemaAt(root: Schema, path: string): Schema | null {
  let at: Schema | null = root
  for (const step of path.split('.')) {
    const here: Schema | null = at === null ? null : resolve(root, at)
    at = here === null ? null : step === '*' ? memberOf(here, 'items') : propertyOf(here, step)
  }
  return at === null ? null : resolve(root, at)
}

function propertyOf(schema: Schema, name: string): Schema | null {
  const properties = memberOf(schema, 'properties')
  return properties === null ? null : memberOf(properties, name)
}

/** Follows references; null for one that leads nowhere or in a circle. */
function resolve(root: Schema, schema: Schema): Schema | null {
  let at: Schema | null = schema
  for (let hops = 0; at !== null && hops < 16; hops += 1) {
    const reference: unknown = at['$ref']
    if (reference === undefined) return at
    at = typeof reference === 'string' ? definition(root, reference) : null
  }
  return null
}

function definition(root: Schema, reference: string): Schema | null {
  const name = /^#\/\$defs\/([^/]+)$/.exec(reference)?.[1]
  const definitions = memberOf(root, '$defs')
  return name === undefined || definitions === null ? null : memberOf(definitions, name)
}

function memberOf(value: Schema, name: string): Schema | null {
  const found: unknown = Object.hasOwn(value, name) ? value[name] : undefined
  return isSchema(found) ? found : null
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
