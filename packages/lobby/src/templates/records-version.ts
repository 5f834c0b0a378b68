/**
 * Which transform the stored records of a collection have been through last, said in the `$comment` of the JSON Schema that
 * the hub stores with them. A transform that leaves the schema alone thus still changes what is stored, and a cutover that a
 * crash kept from being registered is not run over its own results.
 */
import type { StandardSchemaV1 } from '@noy-db/hub'
import type { TransformTemplate } from './format.ts'
import type { RecordValidator } from './record-schema.ts'

export interface RecordsVersion {
  readonly template: string
  /** `to` of the collection's last transform; 1 where it has none. */
  readonly version: number
}

export function recordsVersion(
  template: string,
  transforms: readonly TransformTemplate[],
  collection: string,
): RecordsVersion {
  const last = transforms.filter((step) => step.collection === collection).at(-1)
  return { template, version: last?.to ?? 1 }
}

/** The same validator; the schema it states names the version. A comment of the schema's own gives way. */
export function statingVersion(
  validator: RecordValidator,
  { template, version }: RecordsVersion,
): RecordValidator {
  const standard = validator['~standard']
  const { jsonSchema } = standard
  if (jsonSchema === undefined) return validator
  const $comment = `template ${template} ${version}`
  const stated: NonNullable<StandardSchemaV1['~standard']['jsonSchema']> = {
    input: (options) => ({ ...jsonSchema.input(options), $comment }),
    output: (options) => ({ ...jsonSchema.output(options), $comment }),
  }
  return { ...validator, '~standard': { ...standard, jsonSchema: stated } }
}

/** Undefined for a schema that another template stored, or a program that did not say. */
export function storedVersion(
  schema: Readonly<Record<string, unknown>>,
  template: string,
): number | undefined {
  const [, name, version] = /^template (\S+) (\d+)$/.exec(String(schema['$comment'])) ?? []
  return name === template ? Number(version) : undefined
}
