/**
 * The JSON Schema of a collection's validator. In this order: what the validator states itself (Standard JSON
 * Schema: Zod 4, `jsonSchemaValidator`), what the optional `zod-to-json-schema` makes of a Zod 3 schema, nothing.
 * The input side is described: stored bodies are what the validator will be given to read.
 */
import { createHash } from 'node:crypto'
import { isJsonObject } from '../pod/untrusted-json.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

export interface DerivedSchema {
  /** Who made the validator: `zod`, `ajv`, …, or `unknown`. */
  readonly kind: string
  /** Null where the validator cannot be described. */
  readonly jsonSchema: JsonSchema | null
  /** SHA-256 hex over the canonical JSON of `jsonSchema`; null without one. */
  readonly hash: string | null
}

const TARGET = { target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } }

/** Never fails: a validator that cannot be described has no JSON Schema. */
export async function deriveJsonSchema(schema: unknown): Promise<DerivedSchema> {
  const kind = vendorOf(schema)
  const stated = statedJsonSchema(schema) ?? (isZod3(schema) ? await convertZod3(schema) : undefined)
  if (!isJsonObject(stated)) return { kind, jsonSchema: null, hash: null }
  const text = canonicalText(stated)
  const jsonSchema = JSON.parse(text) as JsonSchema // the text of an object
  return { kind, jsonSchema, hash: createHash('sha256').update(text).digest('hex') }
}

/** What the validator says of itself, at once; undefined where it says nothing. */
export function statedJsonSchema(schema: unknown): unknown {
  const describe = memberOf(memberOf(memberOf(schema, '~standard'), 'jsonSchema'), 'input')
  if (!isFunction(describe)) return undefined
  try {
    return describe(TARGET)
  } catch {
    return undefined // it says by throwing that it cannot be described
  }
}

/** JSON with sorted keys, so that equal schemas have equal text. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isJsonObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
      : member,
  )
}

function vendorOf(schema: unknown): string {
  const vendor = memberOf(memberOf(schema, '~standard'), 'vendor')
  if (typeof vendor === 'string') return vendor
  return isZod3(schema) ? 'zod' : 'unknown'
}

function isZod3(schema: unknown): boolean {
  const typeName = memberOf(memberOf(schema, '_def'), 'typeName')
  return typeof typeName === 'string' && typeName.startsWith('Zod')
}

/** Not named in the import, so that no bundler takes along what only users of Zod 3 have installed. */
const CONVERTER = ['zod', 'to', 'json', 'schema'].join('-')

async function convertZod3(schema: unknown): Promise<unknown> {
  try {
    const converter: unknown = await import(/* @vite-ignore */ CONVERTER)
    const convert = memberOf(converter, 'zodToJsonSchema')
    return isFunction(convert) ? convert(schema) : undefined
  } catch (error) {
    console.warn(`The JSON Schema of a Zod 3 schema needs the package ${CONVERTER}:`, error)
    return undefined
  }
}

function isFunction(value: unknown): value is (argument: unknown) => unknown {
  return typeof value === 'function'
}

/** Any member of anything; validators may be functions as well as objects. */
function memberOf(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  return Reflect.get(value, name)
}
