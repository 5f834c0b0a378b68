/** A template ready for use: what the engine declares on a vault, and what the console shows and checks. */
import type { CollectionOptions, SchemaUpdateStrategy, VaultApi } from '@noy-db/hub'
import { valueAt } from './field-values.ts'
import type { CollectionTemplate, TemplateFile, TransformTemplate } from './format.ts'
import { periodOfDate } from './dates.ts'
import { naturalKeyOf } from './natural-key.ts'
import { pointer } from './pointer.ts'
import { compileSchema, type RecordValidator } from './record-schema.ts'
import { recordsVersion, statingVersion, type RecordsVersion } from './records-version.ts'
import { compileRule, type Broken, type Check, type RuleContext } from './rules/compile-rule.ts'

export interface CompiledCollection extends CollectionTemplate {
  readonly name: string
  readonly validator: RecordValidator
  /** Broken rules, those in JSONata left out: `checkRecords` has them all. */
  check(record: unknown, context?: RuleContext): Broken[]
  /** "2026-05", or null where the collection has no periods or the record no date. */
  periodOf(record: unknown): string | null
  /** Equal for possible duplicates, null where nothing can be said. */
  naturalKeyOf(record: unknown): string | null
}

/** Also a `VaultTemplate`: `name`, `version` and `configure` are what a vault group takes. */
export interface CompiledTemplate {
  readonly name: string
  readonly version: number
  readonly description: string | undefined
  readonly collections: ReadonlyMap<string, CompiledCollection>
  readonly transforms: readonly TransformTemplate[]
  /** Declares every collection. Idempotent, and synchronous. */
  readonly configure: (vault: VaultApi) => void
}

/** @throws TemplateInvalidError where a schema does not compile */
export function compileTemplate(file: TemplateFile): CompiledTemplate {
  const collections = new Map(
    Object.entries(file.collections).map(([name, definition]) => [
      name,
      compileCollection(name, definition, recordsVersion(file.name, file.transforms, name)),
    ]),
  )
  return {
    name: file.name,
    version: file.version,
    description: file.description,
    transforms: file.transforms,
    collections,
    configure(vault) {
      for (const collection of collections.values()) declareCollection(vault, collection)
    },
  }
}

function compileCollection(
  name: string,
  definition: CollectionTemplate,
  version: RecordsVersion,
): CompiledCollection {
  const { schema, rules, period, naturalKey = [] } = definition
  const checks = rules
    .map((rule) => compileRule(rule, definition))
    .filter((check): check is Check => check !== null)
  return {
    ...definition,
    name,
    validator: statingVersion(compileSchema(schema, pointer('collections', name, 'schema')), version),
    check: (record, context = {}) => checks.flatMap((check) => check(record, context) ?? []),
    periodOf: (record) => (period === undefined ? null : periodOfDate(valueAt(record, period))),
    naturalKeyOf: (record) => naturalKeyOf(naturalKey, record),
  }
}

/** `update` decides what becomes of records in an older shape. */
export function declareCollection(
  vault: VaultApi,
  collection: CompiledCollection,
  update?: SchemaUpdateStrategy,
): void {
  const { name, validator, refs, indexes, provenance } = collection
  const options: CollectionOptions<Record<string, unknown>> = {
    schema: validator,
    refs: Object.fromEntries(refs.map(({ field, target, mode }) => [field, { target, mode }])),
    indexes: [...indexes],
    provenance,
    persistJsonSchema: true,
    ...(update !== undefined && { schemaUpdate: [update] }),
  }
  vault.collection(name, options)
}
