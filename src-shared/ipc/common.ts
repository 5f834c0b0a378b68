/** Schemas shared by several domains. */
import { z } from 'zod'

export const vaultId = z.string().min(1).max(256)
export const collectionName = z.string().min(1).max(256)
export const recordId = z.string().min(1).max(512)
export const isoTime = z.string()
export const none = z.object({}).strict()
export const done = z.object({})

/** A record body: plain JSON. */
export const body = z.record(z.string(), z.unknown())

/** A file the person chose or a file made for the person; the bytes stay in the main process. */
export const fileRef = z.object({
  handle: z.string().min(1).max(64),
  name: z.string().max(512),
  bytes: z.number().int(),
})
export type FileRef = z.infer<typeof fileRef>

/** How a field is shown and edited. Money is integer minor units; its currency stands at `currencyPath`. */
export const fieldHint = z.object({
  path: z.string(),
  label: z.string(),
  type: z.enum(['text', 'money', 'number', 'decimal', 'date', 'boolean', 'lines', 'object', 'choice']),
  currencyPath: z.string().optional(),
  choices: z.array(z.string()).optional(),
})
export type FieldHint = z.infer<typeof fieldHint>

export const page = <Row extends z.ZodType>(row: Row) =>
  z.object({ rows: z.array(row), total: z.number().int(), cursor: z.string().nullable() })

export const rowCounts = z.object({
  insert: z.number().int(),
  update: z.number().int(),
  merge: z.number().int(),
  /** Journal rows of earlier programs do not have it. */
  delete: z.number().int().default(0),
  keep: z.number().int(),
  queue: z.number().int(),
  equal: z.number().int(),
  refuse: z.number().int(),
})
export type RowCounts = z.infer<typeof rowCounts>

export const strategy = z.enum(['three-way', 'manual-queue', 'take-incoming', 'keep-local', 'lww-by-ts'])
export type Strategy = z.infer<typeof strategy>

/** How much a merge does by itself: per field, only whole records, nothing that the sender changed. */
export const strictness = z.enum(['field', 'record', 'ask'])
export type Strictness = z.infer<typeof strictness>

/** A rule of the template that a record would break; in the template's words, or in ours for a closed period. */
export const brokenRule = z.object({
  rule: z.string(),
  message: z.string(),
  /** Where it shows; empty for the record as a whole. */
  path: z.string(),
  /** `override`: with a reason, which is reported. `refuse`: never. `note`: shown only. */
  enforce: z.enum(['override', 'refuse', 'note']),
  /** The closed month it falls into. */
  period: z.string().nullable(),
})
export type BrokenRuleView = z.infer<typeof brokenRule>

/** Why something is written against a rule; reported with who wrote it. */
export const overrideReason = z.string().trim().min(1).max(500)

/** A calendar month, as "2026-05". */
export const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/)

export const rowRef = z.object({ vault: vaultId, collection: collectionName, id: recordId })
