/** JSON Schema to the validator a collection takes, with messages for people. */
import {
  jsonSchemaDefect,
  jsonSchemaValidator,
  type JsonSchemaFault,
  type JsonSchemaFormat,
  type JsonSchemaValidator,
} from '@noy-db/hub/json-schema'
import { currencyPattern, isDecimal } from './amounts.ts'
import { isIsoDate } from './dates.ts'
import { TemplateInvalidError } from './errors.ts'
import { boundedRegExp, checkSchemaSafety } from './schema-safety.ts'

export type RecordValidator = JsonSchemaValidator<Record<string, unknown>>

const formats: Readonly<Record<string, JsonSchemaFormat>> = {
  date: isIsoDate,
  decimal: isDecimal,
  currency: currencyPattern,
  'minor-units': { type: 'number', validate: Number.isSafeInteger },
}

/** @throws TemplateInvalidError when the schema itself is faulty; `path` is its JSON pointer */
export function compileSchema(schema: Readonly<Record<string, unknown>>, path: string): RecordValidator {
  if (schema['type'] !== 'object') throw new TemplateInvalidError(`${path}/type`, 'a record is an object')
  checkSchemaSafety(schema, path)
  const defect = jsonSchemaDefect(schema)
  if (defect !== null) throw new TemplateInvalidError(`${path}${defect.path}`, defect.message)
  try {
    return jsonSchemaValidator(schema, { formats, describe: sentence, regExp: boundedRegExp })
  } catch (error) {
    throw new TemplateInvalidError(path, error instanceof Error ? error.message : 'it does not compile')
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
  if (error.keyword === 'type') return typeNames[String(error.params['type'])] ?? 'is of the wrong kind'
  if (error.keyword === 'format')
    return formatNames[String(error.params['format'])] ?? 'is not in the right form'
  if (error.keyword === 'enum') return `must be one of ${listOf(error.params['allowedValues'])}`
  if (error.keyword === 'pattern') return 'is not in the right form'
  if (error.keyword === 'minLength') return 'must not be empty'
  if (error.keyword === 'maxLength') return `must have at most ${String(error.params['limit'])} characters`
  return error.message ?? 'is not valid'
}

function listOf(values: unknown): string {
  return Array.isArray(values) ? values.map(String).join(', ') : 'the given choices'
}
