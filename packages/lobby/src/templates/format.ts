/** The template file, format 1: what it may say. `docs/templates.md` is its reference for people. */
import { z } from 'zod'
import { templateLimits as limits } from './limits.ts'

export const TEMPLATE_FORMAT = 1

// Never a prefix of the reserved ones, never a word that JavaScript finds on every object.
const collectionName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,63}$/, 'a name is letters and digits, small first')
const slug = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'a name is small letters, digits and hyphens')
/** Dotted; `*` stands for every entry of a list: `lines.*.amount`. */
const fieldPath = z.string().min(1).max(200)
const words = z.string().trim().min(1)

const fieldHint = z.strictObject({
  path: fieldPath,
  label: words.max(60),
  type: z.enum(['text', 'money', 'number', 'decimal', 'date', 'boolean', 'lines', 'object', 'choice']),
  /** Where the currency of a money field stands. */
  currencyPath: fieldPath.optional(),
  choices: z.array(words.max(100)).min(1).max(200).optional(),
})

const ref = z.strictObject({
  field: fieldPath,
  target: z.string(),
  mode: z.enum(['strict', 'warn', 'cascade']).default('strict'),
})

const paths = z.array(fieldPath).min(1).max(20)

/** Common to all rules: a rule holds only for records that have every field of `when` and none of `unless`. */
const ruleBase = {
  name: slug,
  /** What is wrong where the rule is broken, for people. */
  message: words.max(300),
  /** What may be done against it: `override` (default) with a reason, which is reported; `refuse` never; `note` anything. */
  enforce: z.enum(['override', 'refuse', 'note']).default('override'),
  when: paths.optional(),
  unless: paths.optional(),
}

const rule = z.discriminatedUnion('rule', [
  /** Minor units: all `parts` add up to `equals`. */
  z.strictObject({ ...ruleBase, rule: z.literal('sum'), parts: paths, equals: fieldPath }),
  /** Minor units: the debit fields add up to what the credit fields do. */
  z.strictObject({ ...ruleBase, rule: z.literal('balance'), debit: paths, credit: paths }),
  /** In every entry of `list`: quantity × price × (1 − discount), rounded half away from zero, is the amount. */
  z.strictObject({
    ...ruleBase,
    rule: z.literal('line-amount'),
    list: fieldPath,
    quantity: fieldPath,
    price: fieldPath,
    discount: fieldPath.optional(),
    amount: fieldPath,
    currency: fieldPath,
  }),
  /** Dates: `first` is not after `then`. */
  z.strictObject({ ...ruleBase, rule: z.literal('order'), first: fieldPath, then: fieldPath }),
  /** The record's period is not closed. */
  z.strictObject({ ...ruleBase, rule: z.literal('period-open') }),
  /** JSONata over the record, in the worker: true where the rule holds. */
  z.strictObject({
    ...ruleBase,
    rule: z.literal('expression'),
    expression: words.max(limits.expressionChars),
  }),
])

const collection = z.strictObject({
  label: z.strictObject({ one: words.max(60), many: words.max(60) }),
  /** "Invoice {number}": paths in braces. */
  title: words.max(200),
  /** The date that decides the accounting period. */
  period: fieldPath.optional(),
  /** Where the record's currency stands. */
  currency: fieldPath.optional(),
  columns: z.array(fieldPath).min(1).max(20),
  /** Lists inside a record, the member that names an entry, and how an entry is called. */
  lists: z.record(z.string(), z.strictObject({ key: words.max(200), label: words.max(60) })).default({}),
  /** In the order of display. */
  fields: z.array(fieldHint).min(1).max(limits.templateFields),
  refs: z.array(ref).max(limits.templateRefs).default([]),
  /** A field, or several that are looked up together. */
  indexes: z
    .array(z.union([fieldPath, z.array(fieldPath).min(2).max(4)]))
    .max(limits.templateIndexes)
    .default([]),
  /** Keeps who supplied a record and when. */
  provenance: z.boolean().default(true),
  /** Two records that agree in these are possible duplicates. */
  naturalKey: z.array(fieldPath).min(1).max(8).optional(),
  /** How much a three-way merge does without a person. */
  merge: z.enum(['field', 'record', 'ask']).default('field'),
  rules: z.array(rule).max(limits.templateRules).default([]),
  /** JSON Schema, draft 2020-12. */
  schema: z.record(z.string(), z.unknown()),
})

const transform = z.strictObject({
  /** The version the records have afterwards. */
  to: z.int().min(2).max(limits.templateVersions),
  collection: z.string(),
  /** JSONata over the record; gives the whole record as it shall be. */
  expression: words.max(limits.expressionChars),
  /** What it does, for people. */
  note: words.max(500),
})

export const templateFile = z.strictObject({
  format: z.literal(TEMPLATE_FORMAT),
  name: slug,
  version: z.int().min(1).max(limits.templateVersions),
  /** What the template is for, where a person chooses one. */
  description: words.max(500).optional(),
  collections: z
    .record(collectionName, collection)
    .refine((found) => Object.keys(found).length > 0, 'a template has at least one collection')
    .refine(
      (found) => Object.keys(found).length <= limits.templateCollections,
      `a template has at most ${limits.templateCollections} collections`,
    ),
  transforms: z.array(transform).max(limits.templateTransforms).default([]),
})

export type FieldHint = z.output<typeof fieldHint>
export type Rule = z.output<typeof rule>
export type CollectionTemplate = z.output<typeof collection>
export type TransformTemplate = z.output<typeof transform>
export type TemplateFile = z.output<typeof templateFile>
