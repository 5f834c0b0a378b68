/** Clients of the firm: one vault each, with its records. */
import { z } from 'zod'
import {
  body,
  collectionName,
  fieldHint,
  isoTime,
  month,
  none,
  overrideReason,
  page,
  recordId,
  vaultId,
} from './common.ts'
import { command, query } from './define.ts'

const clientRow = z.object({
  vaultId,
  /** Short key the vault id is made from. */
  key: z.string(),
  name: z.string(),
  template: z.string(),
  schemaVersion: z.number().int(),
  records: z.number().int(),
  bytes: z.number().int(),
  openConflicts: z.number().int(),
  lastImportAt: isoTime.nullable(),
  lastExportAt: isoTime.nullable(),
  createdAt: isoTime,
  /** The latest closed month; null where none is, or it cannot be read. */
  lastClosed: month.nullable(),
  /** Facts apart: `no-access` is not damage. */
  access: z.enum(['open', 'no-access', 'damaged']),
})
export type ClientRow = z.infer<typeof clientRow>

const collectionInfo = z.object({
  name: collectionName,
  label: z.string(),
  count: z.number().int(),
  /** Columns of the list, in order. */
  columns: z.array(fieldHint),
  /** Every field of the record, in order. */
  fields: z.array(fieldHint),
})
export type CollectionInfo = z.infer<typeof collectionInfo>

const clientDetail = clientRow.extend({ collections: z.array(collectionInfo) })
export type ClientDetail = z.infer<typeof clientDetail>

const recordRow = z.object({
  id: recordId,
  title: z.string(),
  /** Values of the columns, in their order. */
  values: z.array(z.unknown()),
  currency: z.string().nullable(),
  version: z.number().int(),
  changedAt: isoTime,
  conflictId: z.string().nullable(),
  /** It falls into a closed period. */
  closed: z.boolean(),
})
export type RecordRow = z.infer<typeof recordRow>

const recordVersion = z.object({
  version: z.number().int(),
  at: isoTime,
  by: z.string().nullable(),
  source: z.string().nullable(),
  record: body,
})

const recordDetail = z.object({
  vaultId,
  collection: collectionName,
  id: recordId,
  title: z.string(),
  record: body,
  fields: z.array(fieldHint),
  version: z.number().int(),
  changedAt: isoTime,
  changedBy: z.string().nullable(),
  source: z.string().nullable(),
  /** Newest first, the current one included. */
  history: z.array(recordVersion),
  /** The closed period it falls into. */
  closed: z.object({ period: month, by: z.string(), at: isoTime, reason: z.string().nullable() }).nullable(),
})
export type RecordDetail = z.infer<typeof recordDetail>

const recordKey = z.object({ vaultId, collection: collectionName, id: recordId }).strict()

export const clientCalls = {
  'clients.list': query(none, z.array(clientRow)),
  'clients.get': query(z.object({ vaultId }).strict(), clientDetail),
  'clients.create': command(
    z
      .object({
        name: z.string().trim().min(1).max(120),
        key: z
          .string()
          .regex(/^[A-Za-z0-9._]+(-[A-Za-z0-9._]+)*$/)
          .max(64),
      })
      .strict(),
    clientRow,
  ),
  'clients.records': query(
    z
      .object({
        vaultId,
        collection: collectionName,
        search: z.string().max(200).default(''),
        sort: z.object({ path: z.string().max(200), direction: z.enum(['asc', 'desc']) }).optional(),
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(500).default(100),
      })
      .strict(),
    page(recordRow),
  ),
  'clients.record': query(recordKey, recordDetail),
  'clients.saveRecord': command(
    recordKey.extend({
      record: body,
      /** 0 for a new record. */
      expectedVersion: z.number().int().min(0),
      reason: z.string().max(500).optional(),
      /** Save against rules, or into a closed period; else RULES_BROKEN. */
      override: overrideReason.optional(),
    }),
    recordDetail,
  ),
} as const
