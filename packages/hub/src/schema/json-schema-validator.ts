/** A JSON Schema (draft 2020-12) as the validator a collection takes; it also says its schema, so that it can be persisted. */
import { Ajv2020, type CodeOptions, type ErrorObject, type Format } from 'ajv/dist/2020.js'
import { ValidationError } from '../errors.ts'
import type { StandardIssue, StandardSchemaV1 } from '../types/schema.ts'

type Body = Record<string, unknown>

export type JsonSchemaFault = ErrorObject
export type JsonSchemaFormat = Format

export interface JsonSchemaValidatorOptions {
  /** The formats the schema may name; any other is refused, as is a keyword that means nothing. */
  formats?: Readonly<Record<string, JsonSchemaFormat>>
  /** What is wrong, for people. Default: the words of ajv. */
  describe?: (fault: JsonSchemaFault) => string
  /** Makes the expressions of `pattern`; for schemas of strangers, whose expressions must not run for ever. */
  regExp?: JsonSchemaRegExp
}

export type JsonSchemaRegExp = NonNullable<CodeOptions['regExp']>

export type JsonSchemaValidator<T> = StandardSchemaV1<unknown, T> & {
  /** The same check, known to answer at once. Empty where the value fits. */
  issuesOf(value: unknown): readonly StandardIssue[]
}

/** @throws ValidationError when the schema itself is faulty */
export function jsonSchemaValidator<T extends Body = Body>(
  schema: Readonly<Body>,
  options: JsonSchemaValidatorOptions = {},
): JsonSchemaValidator<T> {
  const { describe = wordsOfAjv } = options
  const validate = compile(schema, options)
  const issueOf = (fault: JsonSchemaFault): StandardIssue => ({
    path: pathOf(fault),
    message: describe(fault),
  })
  const issuesOf = (value: unknown): StandardIssue[] =>
    validate(value) ? [] : onePerPlace((validate.errors ?? []).map(issueOf))
  return {
    issuesOf,
    '~standard': {
      version: 1,
      vendor: 'ajv',
      validate(value) {
        const issues = issuesOf(value)
        // That T is what the schema says is the caller's claim.
        return issues.length === 0 ? { value: value as T } : { issues }
      },
      jsonSchema: { input: () => ({ ...schema }), output: () => ({ ...schema }) },
    },
  }
}

function wordsOfAjv({ message }: JsonSchemaFault): string {
  return message ?? 'is not valid'
}

/** Compiling the draft's own schemas takes longer than those of a whole template: once in a process. */
const draft = new Ajv2020({ logger: false })

/** What the draft's own schema has against a schema, and where: compiling only knows that there is something. */
export interface JsonSchemaDefect {
  /** A JSON pointer into the schema. */
  readonly path: string
  readonly message: string
}

export function jsonSchemaDefect(schema: Readonly<Body>): JsonSchemaDefect | null {
  try {
    if (draft.validateSchema(schema) === true) return null
  } catch (error) {
    // A `$schema` of another draft.
    return { path: '/$schema', message: error instanceof Error ? error.message : 'is not known' }
  }
  const [fault] = draft.errors ?? []
  return { path: fault?.instancePath ?? '', message: fault?.message ?? 'it is no JSON Schema' }
}

function compile(schema: Readonly<Body>, { formats = {}, regExp }: JsonSchemaValidatorOptions) {
  const defect = jsonSchemaDefect(schema)
  if (defect !== null) throw new ValidationError(`${defect.path} ${defect.message}`.trimStart())
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    logger: false,
    meta: false,
    validateSchema: false,
    ...(regExp !== undefined && { code: { regExp } }),
  })
  for (const [name, format] of Object.entries(formats)) ajv.addFormat(name, format)
  try {
    return ajv.compile(schema)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'it does not compile'
    throw Object.assign(new ValidationError(reason), { cause })
  }
}

/** The first fault of a place says enough: 1.5 is no whole number, and so no whole number of cents either. */
function onePerPlace(issues: readonly StandardIssue[]): StandardIssue[] {
  const seen = new Set<string>()
  return issues.filter(({ path }) => {
    const place = JSON.stringify(path)
    return seen.size < seen.add(place).size
  })
}

function pathOf({ instancePath, params }: JsonSchemaFault): string[] {
  const steps = instancePath.split('/').slice(1).map(unescapePointer)
  const missing: unknown = params.missingProperty
  return typeof missing === 'string' ? [...steps, missing] : steps
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}
