/** A validator as data, as far as it can be told: enough to notice that it changed. */
import { z } from 'zod'

/** JSON Schema of a Zod schema; for others their own `jsonSchema` member, or the vendor's name. */
export function describeSchema(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return null
  if (schema instanceof z.ZodType) return z.toJSONSchema(schema, { unrepresentable: 'any' })
  if ('jsonSchema' in schema) return schema.jsonSchema
  const standard = '~standard' in schema ? schema['~standard'] : null
  if (typeof standard === 'object' && standard !== null && 'vendor' in standard)
    return { vendor: standard.vendor }
  return {}
}
