/** A vault template as data: what its file may say, checked before anything is made of it. */
import { z } from 'zod'
import { fieldHint } from '../../../src-shared/ipc/common.ts'
import { AppError } from '../app-error.ts'

const collection = z
  .object({
    label: z.object({ one: z.string().min(1).max(60), many: z.string().min(1).max(60) }).strict(),
    /** "Invoice {number}": paths in braces. */
    title: z.string().min(1).max(200),
    /** Date that decides the accounting period. */
    period: z.string().optional(),
    /** Where the record's currency stands. */
    currency: z.string().optional(),
    columns: z.array(z.string()).min(1).max(20),
    /** Lists inside a record, the member that names an entry, and how an entry is called. */
    lists: z.record(z.string(), z.object({ key: z.string(), label: z.string() }).strict()).default({}),
    /** In the order of display. `lines.*.amount` describes the entries of `lines`. */
    fields: z.array(fieldHint.strict()).min(1).max(200),
    refs: z
      .record(
        z.string(),
        z.object({ target: z.string(), mode: z.enum(['strict', 'warn', 'cascade']) }).strict(),
      )
      .default({}),
    indexes: z.array(z.string()).max(20).default([]),
    provenance: z.boolean().default(true),
    /** JSON Schema, draft 2020-12. */
    schema: z.record(z.string(), z.unknown()),
  })
  .strict()

const templateFile = z
  .object({
    name: z
      .string()
      .regex(/^[a-z0-9-]+$/)
      .max(64),
    version: z.number().int().min(1),
    collections: z.record(
      z
        .string()
        .regex(/^[a-z][A-Za-z0-9]*$/)
        .max(64),
      collection,
    ),
  })
  .strict()

export type CollectionTemplate = z.output<typeof collection>
export type TemplateFile = z.output<typeof templateFile>

/** @throws AppError with the path of the first fault. */
export function parseTemplate(value: unknown): TemplateFile {
  const parsed = templateFile.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw faulty(issue?.path.join('.') ?? '', issue?.message ?? 'is not valid')
  }
  for (const [name, definition] of Object.entries(parsed.data.collections))
    checkPaths(name, definition, parsed.data)
  return parsed.data
}

export function faulty(path: string, reason: string): AppError {
  const message = `A vault template is faulty at ${path === '' ? 'its top' : path}: ${reason}. Nothing was changed. Reinstall the program, or correct the template.`
  return new AppError('BAD_INPUT', message, { path, reason })
}

/** Columns, references and the currency must name fields that exist: a typo would show as an empty column. */
function checkPaths(name: string, definition: CollectionTemplate, file: TemplateFile): void {
  const known = new Set(definition.fields.map((field) => field.path))
  const named: [string, string][] = [
    ...definition.columns.map((path, at): [string, string] => [`columns.${at}`, path]),
    ...Object.keys(definition.refs).map((path): [string, string] => [`refs.${path}`, path]),
    ...Object.keys(definition.lists).map((path): [string, string] => [`lists.${path}`, path]),
    ...(definition.currency === undefined ? [] : [['currency', definition.currency] as [string, string]]),
    ...(definition.period === undefined ? [] : [['period', definition.period] as [string, string]]),
  ]
  const unknown = named.find(([, path]) => !known.has(path))
  if (unknown) throw faulty(`collections.${name}.${unknown[0]}`, `no field is called "${unknown[1]}"`)
  for (const [field, { target }] of Object.entries(definition.refs)) {
    if (!Object.hasOwn(file.collections, target)) {
      throw faulty(`collections.${name}.refs.${field}.target`, `no collection is called "${target}"`)
    }
  }
}
