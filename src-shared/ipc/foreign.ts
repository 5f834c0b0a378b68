/**
 * Files of other programs: what one is, how its columns become records, and the plan of it. From there on it is an import
 * like any other: `imports.planRows`, `imports.apply`, `imports.undo`.
 */
import { z } from 'zod'
import { collectionName, fieldHint, fileRef, isoTime, strategy, vaultId } from './common.ts'
import { command, query } from './define.ts'
import { planView, strictnessByCollection } from './imports.ts'

const handle = fileRef.shape.handle
const kind = z.enum(['csv', 'jsonl', 'xlsx', 'sqlite', 'ubl', 'ofx'])
export type ForeignKind = z.infer<typeof kind>

const decimalMark = z.enum(['.', ','])
const dateOrder = z.enum(['ymd', 'dmy', 'mdy'])

/** How a file is read; what is left out is detected. */
const reading = z
  .object({
    table: z.string().max(1000).optional(),
    encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']).optional(),
    delimiter: z.enum([',', ';', '\t', '|']).optional(),
    header: z.boolean().optional(),
  })
  .strict()
export type Reading = z.infer<typeof reading>

const columnView = z.object({
  name: z.string(),
  type: z.enum(['empty', 'text', 'integer', 'decimal', 'date', 'boolean', 'object']),
  decimalMark: decimalMark.optional(),
  dateOrder: dateOrder.optional(),
  /** Numbers or days that could be read in another way: a person has to say. */
  ambiguous: z.boolean(),
})
export type ColumnView = z.infer<typeof columnView>

const foreignView = z.object({
  file: fileRef,
  sha256: z.string(),
  kind,
  /** What the file said of itself: "UBL invoice". */
  format: z.string().nullable(),
  /** As it is read now, detected parts included. */
  reading,
  /** The saved profile that says so, by name; null where it was detected, or said now. */
  readAs: z.string().nullable(),
  /** Names of its sheets, tables or accounts. */
  tables: z.array(z.string()),
  columns: z.array(columnView),
  /** The first rows, as text, in the order of the columns; `fault` where the row cannot be taken as it is. */
  rows: z.array(z.object({ place: z.string(), cells: z.array(z.string()), fault: z.string().nullable() })),
  /** Rows looked at so far, and whether these are all. */
  sampled: z.number().int(),
  complete: z.boolean(),
  alreadyImported: z.object({ importId: z.string(), at: isoTime, clients: z.array(z.string()) }).nullable(),
})
export type ForeignView = z.infer<typeof foreignView>

const column = z.string().min(1).max(1000)
const mark = decimalMark.default('.')

/** As the engine's profiles have it; the engine's own schema decides. */
const conversion = z.discriminatedUnion('as', [
  z.object({ as: z.literal('text'), column }).strict(),
  z.object({ as: z.literal('value'), column }).strict(),
  z.object({ as: z.literal('integer'), column, mark }).strict(),
  z.object({ as: z.literal('decimal'), column, mark }).strict(),
  z
    .object({
      as: z.literal('minor'),
      column,
      mark,
      currency: z.union([z.object({ code: z.string().max(3) }).strict(), z.object({ column }).strict()]),
    })
    .strict(),
  z.object({ as: z.literal('date'), column, order: dateOrder.default('ymd') }).strict(),
  z.object({ as: z.literal('boolean'), column, yes: z.array(z.string()), no: z.array(z.string()) }).strict(),
  z
    .object({ as: z.literal('constant'), value: z.union([z.string().max(1000), z.int(), z.boolean()]) })
    .strict(),
  z.object({ as: z.literal('join'), columns: z.array(column), separator: z.string().max(20) }).strict(),
  z.object({ as: z.literal('sum'), of: z.array(z.string().max(200)).min(1).max(20) }).strict(),
  z
    .object({
      as: z.literal('rate'),
      column,
      mark,
      per: z.union([z.literal(1), z.literal(100)]).default(100),
      of: z.string().max(200),
    })
    .strict(),
])
export type Conversion = z.infer<typeof conversion>

/** How the rows of one kind of file become records of one collection, month after month. */
const mapping = z
  .object({
    /** Of a saved one, or of one that comes with the program. A new one is named after its name. */
    id: z.string().max(64).optional(),
    name: z.string().trim().min(1).max(100),
    kind,
    reading,
    collection: collectionName,
    /** Columns that name a row for good. */
    key: z.array(column).min(1).max(8),
    /** Words that stand for nothing. */
    emptyWords: z.array(z.string().min(1).max(40)).max(20).default([]),
    fields: z
      .array(z.object({ path: z.string().max(200), from: conversion, required: z.boolean().default(false) }))
      .min(1)
      .max(200),
    /** How rows become lines of a record; without it a row is a record. */
    lines: z
      .object({
        path: z.string().max(200),
        id: z.string().max(200).optional(),
        rows: z.enum(['grouped', 'single']),
      })
      .strict()
      .optional(),
  })
  .strict()
export type Mapping = z.infer<typeof mapping>

const suggestion = mapping.pick({ key: true, emptyWords: true, fields: true, lines: true })
export type Suggestion = z.infer<typeof suggestion>

const targetField = fieldHint.extend({
  required: z.boolean(),
  /** Fields that the template's rules add up to it. */
  sumOf: z.array(z.string()).optional(),
  /** The amount of each line that it may be a rate of. */
  rateOf: z.string().optional(),
})

const target = z.object({
  name: collectionName,
  label: z.string(),
  /** One of its records. */
  recordLabel: z.string(),
  /** Those of lines among them, as `lines.*.quantity`. */
  fields: z.array(targetField),
  /** The list inside a record that the rows of a table may fill; null where there is none. */
  list: z
    .object({
      path: z.string(),
      /** What tells a line apart. */
      id: z.string(),
      label: z.string(),
      /** A record cannot do without it, and a column cannot hold it. */
      needed: z.boolean(),
      grouped: suggestion.nullable(),
      single: suggestion.nullable(),
    })
    .nullable(),
  /** What its columns seem to be for; null where nothing fits. */
  suggested: suggestion.nullable(),
})
export type TargetCollection = z.infer<typeof target>

const offers = z.object({
  collections: z.array(target),
  /** The collection that most columns fit. */
  best: collectionName.nullable(),
  /** Saved ones and those that come with the program; `fits` where the file has every column they read. */
  profiles: z.array(
    z.object({
      mapping: mapping.required({ id: true }),
      fits: z.boolean(),
      isSaved: z.boolean(),
      /** The client its last file went to. */
      lastVaultId: vaultId.nullable(),
    }),
  ),
})
export type Offers = z.infer<typeof offers>

const previewView = z.object({
  /** Rows looked at: the whole file where `complete`. */
  rows: z.number().int(),
  complete: z.boolean(),
  /** Made of these rows; several rows may make one. */
  records: z.number().int(),
  /** Records with at least one fault. */
  faulty: z.number().int(),
  /** The first record without a fault, one of several lines before others; its first lines. */
  example: z
    .object({
      place: z.string(),
      values: z.array(z.object({ path: z.string(), value: z.unknown(), currency: z.string().nullable() })),
      lines: z.array(z.unknown()),
      lineCount: z.number().int(),
    })
    .nullable(),
  fields: z.array(
    z.object({
      path: z.string(),
      /** Of the first rows that have one: what the record would hold. */
      samples: z.array(z.object({ value: z.unknown(), currency: z.string().nullable() })),
      failing: z.number().int(),
      failures: z.array(z.object({ place: z.string(), message: z.string() })),
    }),
  ),
  /** Faults of whole rows: ragged ones, keys that are missing or come twice. */
  others: z.array(z.object({ place: z.string(), message: z.string() })),
  othersCount: z.number().int(),
})
export type MappingPreviewView = z.infer<typeof previewView>

export const foreignCalls = {
  /** A bundle, or a file of another program, told by its content. */
  'foreign.recognise': query(
    z.object({ file: handle }).strict(),
    z.object({ kind: z.enum(['bundle', ...kind.options]) }),
  ),
  'foreign.inspect': query(
    z.object({ file: handle, kind, reading: reading.optional() }).strict(),
    foreignView,
  ),
  /** What can be done with these columns in a client, or in one that is to be made. */
  'foreign.offers': query(
    z.object({ kind, columns: z.array(columnView).max(1000), vaultId: vaultId.optional() }).strict(),
    offers,
  ),
  'foreign.preview': query(z.object({ file: handle, mapping }).strict(), previewView),
  'foreign.plan': command(
    z
      .object({
        file: handle,
        mapping,
        vaultId: vaultId.optional(),
        newClientName: z.string().trim().min(1).max(120).optional(),
        strategy,
        /** Default: as last time for this client, else `field`. */
        strictness: strictnessByCollection.optional(),
      })
      .strict(),
    planView,
  ),
  /** What was imported with it stays. */
  'foreign.forget': command(z.object({ id: z.string().max(64) }).strict(), z.object({})),
} as const
