/** JSON Schema to the validator a collection takes, with messages for people. */
import type { StandardSchemaV1 } from '@noy-db/hub'
import { jsonSchemaValidator, type JsonSchemaFault, type JsonSchemaFormat } from '@noy-db/hub/json-schema'
import { isIsoDate } from '../../../src-shared/model/dates.ts'
import { isDecimal } from '../../../src-shared/model/money.ts'
import { faulty } from './template.ts'

const formats: Readonly<Record<string, JsonSchemaFormat>> = {
  date: isIsoDate,
  decimal: isDecimal,
  currency: /^[A-Z]{3}$/,
  'minor-units': { type: 'number', validate: Number.isSafeInteger },
}

/** @throws AppError when the schema itself is faulty. */
export function compileSchema(
  schema: Readonly<Record<string, unknown>>,
  path: string,
): StandardSchemaV1<unknown, Record<string, unknown>> {
  if (schema.type !== 'object') throw faulty(`${path}.type`, 'a record is an object')
  try {
    return jsonSchemaValidator(schema, { formats, describe: sentence })
  } catch (error) {
    throw faulty(path, error instanceof Error ? error.message : 'it does not compile')
  }
}

const typeNames: Readonly<Record<string, string>> = {
  integer: 'must be a whole number',
  number: 'must be a number',
  string: 'must be text',
  boolean: 'must be yes or no',
  array: 'must be a list',
  object: 'must have fields of its own',
}

const formatNames: Readonly<Record<string, string>> = {
  date: 'must be a day that exists, as 2026-05-31',
  decimal: 'must be a decimal number, as 12.50',
  currency: 'must be a currency code, as EUR',
  'minor-units': 'must be a whole number of minor units',
}

function sentence(error: JsonSchemaFault): string {
  if (error.keyword === 'required') return 'is missing'
  if (error.keyword === 'type') return typeNames[String(error.params.type)] ?? 'is of the wrong kind'
  if (error.keyword === 'format')
    return formatNames[String(error.params.format)] ?? 'is not in the right form'
  if (error.keyword === 'enum') return `must be one of ${listOf(error.params.allowedValues)}`
  if (error.keyword === 'minLength') return 'must not be empty'
  if (error.keyword === 'maxLength') return `must have at most ${String(error.params.limit)} characters`
  return error.message ?? 'is not valid'
}

function listOf(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : 'the given choices'
}
