/** JSON Schema to the validator a collection takes, with messages for people. */
import type { StandardIssue, StandardSchemaV1 } from '@noy-db/hub'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { isIsoDate } from '../../../src-shared/model/dates.ts'
import { isDecimal } from '../../../src-shared/model/money.ts'
import { faulty } from './template.ts'

type Body = Record<string, unknown>

/** @throws AppError when the schema itself is faulty. */
export function compileSchema(
  schema: Readonly<Record<string, unknown>>,
  path: string,
): StandardSchemaV1<unknown, Body> {
  const validate = compile(schema, path)
  return {
    '~standard': {
      version: 1,
      vendor: 'ajv',
      validate(value) {
        // The check above the cast: a schema of a collection says `type: object`.
        if (validate(value)) return { value: value as Body }
        return { issues: onePerPlace((validate.errors ?? []).map(issueOf)) }
      },
    },
  }
}

function compile(schema: Readonly<Record<string, unknown>>, path: string) {
  if (schema.type !== 'object') throw faulty(`${path}.type`, 'a record is an object')
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
  ajv.addFormat('date', isIsoDate)
  ajv.addFormat('decimal', isDecimal)
  ajv.addFormat('currency', /^[A-Z]{3}$/)
  ajv.addFormat('minor-units', { type: 'number', validate: Number.isSafeInteger })
  try {
    return ajv.compile(schema)
  } catch (error) {
    throw faulty(path, error instanceof Error ? error.message : 'it does not compile')
  }
}

/** The first fault of a field says enough: 1.5 is no whole number, and so no whole number of cents either. */
function onePerPlace(issues: readonly StandardIssue[]): StandardIssue[] {
  const byPlace = new Map(issues.toReversed().map((issue) => [JSON.stringify(issue.path), issue]))
  return issues.filter((issue) => byPlace.get(JSON.stringify(issue.path)) === issue)
}

function issueOf(error: ErrorObject): StandardIssue {
  const steps = error.instancePath.split('/').slice(1).map(unescapePointer)
  const missing: unknown = error.params.missingProperty
  return typeof missing === 'string'
    ? { path: [...steps, missing], message: 'is missing' }
    : { path: steps, message: sentence(error) }
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
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

function sentence(error: ErrorObject): string {
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
