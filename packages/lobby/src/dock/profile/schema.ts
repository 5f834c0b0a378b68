/** A mapping profile: how the rows of one kind of file become records of one collection, month after month. */
import { z } from 'zod'
import { LobbyError } from '../../errors.ts'
import { currencyPattern } from '../../templates/amounts.ts'
import { dockLimits } from '../limits.ts'

const column = z.string().min(1).max(1000)
const mark = z.enum(['.', ','])
const currency = z.union([
  z.strictObject({ code: z.string().regex(currencyPattern, 'a currency is three capital letters') }),
  z.strictObject({ column }),
])

const conversion = z.discriminatedUnion('as', [
  /** As it stands, without blanks around it. */
  z.strictObject({ as: z.literal('text'), column }),
  /** Lists, objects and numbers of documents, as they are. */
  z.strictObject({ as: z.literal('value'), column }),
  z.strictObject({ as: z.literal('integer'), column, mark: mark.default('.') }),
  /** Decimal text: quantities, prices, rates. */
  z.strictObject({ as: z.literal('decimal'), column, mark: mark.default('.') }),
  /** Money, in minor units of its currency. */
  z.strictObject({ as: z.literal('minor'), column, mark: mark.default('.'), currency }),
  z.strictObject({ as: z.literal('date'), column, order: z.enum(['ymd', 'dmy', 'mdy']).default('ymd') }),
  z.strictObject({
    as: z.literal('boolean'),
    column,
    yes: z.array(z.string()).min(1).max(20),
    no: z.array(z.string()).min(1).max(20),
  }),
  z.strictObject({ as: z.literal('constant'), value: z.union([z.string().max(1000), z.int(), z.boolean()]) }),
  /** Empty parts are left out, their separator too. */
  z.strictObject({
    as: z.literal('join'),
    columns: z.array(column).min(1).max(20),
    separator: z.string().max(20),
  }),
])

const fieldPath = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,7}$/, 'a field is a dotted path of names')
  .refine((path) => !/(^|\.)(__proto__|constructor\.prototype)($|\.)/.test(path), 'this name is not allowed')

const mappingProfile = z
  .strictObject({
    format: z.literal(1),
    /** Names the source: last month's file with this profile is the base of this month's. */
    id: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'small letters, digits and hyphens'),
    name: z.string().trim().min(1).max(100),
    kind: z.enum(['csv', 'jsonl', 'xlsx', 'sqlite', 'ubl', 'ofx']),
    /** How the file is to be read, where detection shall not decide. */
    reading: z
      .strictObject({
        table: z.string().max(1000).optional(),
        encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']).optional(),
        delimiter: z.enum([',', ';', '\t', '|']).optional(),
        header: z.boolean().optional(),
      })
      .default({}),
    collection: z.string().regex(/^[a-z][A-Za-z0-9]{0,63}$/),
    /** Columns that name a row for good; the record's id is made of them. */
    key: z.array(column).min(1).max(8),
    /** Words that stand for nothing, such as NULL. */
    emptyWords: z.array(z.string().min(1).max(40)).max(20).default([]),
    fields: z
      .array(z.strictObject({ path: fieldPath, from: conversion, required: z.boolean().default(false) }))
      .min(1)
      .max(dockLimits.profileFields),
  })
  .refine(
    ({ fields }) => new Set(fields.map(({ path }) => path)).size === fields.length,
    'a field is mapped twice',
  )

export type MappingProfile = z.output<typeof mappingProfile>
/** What a person or a file gives: defaults may be left out. */
export type MappingProfileInput = z.input<typeof mappingProfile>
export type FieldMapping = MappingProfile['fields'][number]
export type Conversion = FieldMapping['from']

/** @throws LobbyError `PROFILE_INVALID` naming the first fault */
export function parseProfile(input: unknown): MappingProfile {
  if (Buffer.byteLength(JSON.stringify({ input })) > dockLimits.profileBytes)
    throw new LobbyError('PROFILE_INVALID', `The profile has more than ${dockLimits.profileBytes} bytes.`)
  const parsed = mappingProfile.safeParse(input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new LobbyError(
    'PROFILE_INVALID',
    `The profile is not valid at /${issue?.path.join('/') ?? ''}: ${issue?.message ?? ''}`,
  )
}
