/** A mapping profile: how the rows of one kind of file become records of one collection, month after month. */
import { z } from 'zod'
import { LobbyError } from '../../errors.ts'
import { dockLimits } from '../limits.ts'
import { faultsOfLines } from './check-lines.ts'
import { column, conversion, fieldPath, mappedPath } from './conversion.ts'

/** One record of several rows, or a list inside the record of one. */
const lines = z.strictObject({
  /** The list; its fields are mapped as `lines.*.quantity`. */
  path: fieldPath,
  /** The field that tells a line apart in its record. Where no column is mapped to it, it counts the lines as they come. */
  id: fieldPath.refine((path) => !path.includes('.'), 'a field of a line has one name').optional(),
  /** `grouped`: rows with one key are the lines of one record. `single`: each row is a record with one line. */
  rows: z.enum(['grouped', 'single']),
})

const mappingProfile = z
  .strictObject({
    /** 2 where it has `lines`: a program that knows 1 alone refuses it by that. */
    format: z.union([z.literal(1), z.literal(2)]),
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
      .array(z.strictObject({ path: mappedPath, from: conversion, required: z.boolean().default(false) }))
      .min(1)
      .max(dockLimits.profileFields),
    lines: lines.optional(),
  })
  .refine(
    ({ fields }) => new Set(fields.map(({ path }) => path)).size === fields.length,
    'a field is mapped twice',
  )
  .refine(({ format, lines: list }) => (format === 2) === (list !== undefined), 'lines are of format 2')
  .superRefine((profile, context) => {
    for (const { path, message } of faultsOfLines(profile))
      context.addIssue({ code: 'custom', path: [...path], message })
  })

export type MappingProfile = z.output<typeof mappingProfile>
/** What a person or a file gives: defaults may be left out. */
export type MappingProfileInput = z.input<typeof mappingProfile>
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
