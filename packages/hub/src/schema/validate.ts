/** Validation by the collection's schema: Standard Schema, or anything with a `parse` that throws. */
import { SchemaValidationError } from '../errors.ts'
import type { StandardResult, StandardSchemaV1 } from '../types/schema.ts'

export type Direction = 'input' | 'output'

/** The validator's output; a promise only where the validator gives one. @throws SchemaValidationError */
export function validateRecord(schema: unknown, value: unknown, direction: Direction): unknown {
  if (schema === undefined) return value
  if (isStandardSchema(schema)) {
    const result = schema['~standard'].validate(value)
    return 'then' in result
      ? Promise.resolve(result).then((late) => outcome(late, direction))
      : outcome(result, direction)
  }
  return parseRecord(schema, value, direction)
}

function outcome(result: StandardResult<unknown>, direction: Direction): unknown {
  if (result.issues === undefined) return result.value
  const first = result.issues[0]?.message ?? 'no reason given'
  throw new SchemaValidationError(`The record does not fit its schema: ${first}.`, result.issues, direction)
}

function parseRecord(schema: unknown, value: unknown, direction: Direction): unknown {
  if (!hasParse(schema))
    throw new SchemaValidationError('The schema of this collection cannot validate.', [], direction)
  try {
    return schema.parse(value)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    const error = new SchemaValidationError(
      `The record does not fit its schema: ${message}`,
      [cause],
      direction,
    )
    throw Object.assign(error, { cause })
  }
}

function hasParse(schema: unknown): schema is { parse(value: unknown): unknown } {
  return (
    typeof schema === 'object' && schema !== null && 'parse' in schema && typeof schema.parse === 'function'
  )
}

function isStandardSchema(schema: unknown): schema is StandardSchemaV1 {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return false
  if (!('~standard' in schema)) return false
  const standard = schema['~standard']
  return typeof standard === 'object' && standard !== null && 'validate' in standard
}
