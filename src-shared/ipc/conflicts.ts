/** The conflict queue over all clients, and the decisions a person takes. */
import { z } from 'zod'
import {
  body,
  brokenRule,
  collectionName,
  fieldHint,
  isoTime,
  none,
  overrideReason,
  page,
  recordId,
  vaultId,
} from './common.ts'
import { command, query } from './define.ts'

const conflictRef = z
  .object({ vault: vaultId, collection: collectionName, conflictId: z.string().min(1).max(128) })
  .strict()
export type ConflictRefView = z.infer<typeof conflictRef>

const conflictKind = z.enum([
  'edited-by-both',
  'deleted-here',
  'deleted-there',
  'no-base',
  'possible-duplicate',
])
const conflictStatus = z.enum(['open', 'decided', 'recalled', 'closed'])

const conflictRow = conflictRef.extend({
  recordId,
  vaultName: z.string(),
  /** "Invoice 10248". */
  title: z.string(),
  kind: conflictKind,
  status: conflictStatus,
  /** Labels of the fields that differ. */
  fields: z.array(z.string()),
  queuedAt: isoTime,
  party: z.string().nullable(),
  batchId: z.string().nullable(),
})
export type ConflictRowView = z.infer<typeof conflictRow>

const origin = z.object({
  by: z.string().nullable(),
  at: isoTime.nullable(),
  source: z.string().nullable(),
  version: z.number().int(),
})

const conflictField = z.object({
  path: z.string(),
  hint: fieldHint,
  base: z.unknown(),
  ours: z.unknown(),
  theirs: z.unknown(),
  changedBy: z.enum(['ours', 'theirs', 'both', 'none', 'unknown']),
})
export type ConflictFieldView = z.infer<typeof conflictField>

const fieldPick = z.union([
  z.object({ pick: z.enum(['ours', 'theirs', 'base']) }).strict(),
  z.object({ pick: z.literal('custom'), value: z.unknown() }).strict(),
])
export type FieldPickView = z.infer<typeof fieldPick>

const resolution = z.union([
  z.object({ kind: z.enum(['ours', 'theirs', 'base', 'delete', 'close']) }).strict(),
  z.object({ kind: z.literal('fields'), picks: z.record(z.string().max(1024), fieldPick) }).strict(),
])
export type ResolutionView = z.infer<typeof resolution>

const conflictDetail = conflictRow.extend({
  baseKnown: z.boolean(),
  baseAt: isoTime.nullable(),
  oursOrigin: origin,
  theirsOrigin: origin,
  /** Why this is a conflict, in words. */
  explanation: z.string(),
  /** The record changed here since it was queued; `ours` is the record as it is now. */
  moved: z.boolean(),
  currency: z.string().nullable(),
  base: body.nullable(),
  ours: body.nullable(),
  theirs: body.nullable(),
  /** Every field, differing ones first to last in the template's order; `changedBy: 'none'` where equal. */
  fields: z.array(conflictField),
  rowVersion: z.number().int(),
  recordVersion: z.number().int(),
  decision: z
    .object({
      resolution,
      result: body.nullable(),
      reason: z.string().nullable(),
      actor: z.string(),
      decidedAt: isoTime,
      batchId: z.string(),
    })
    .nullable(),
})
export type ConflictDetailView = z.infer<typeof conflictDetail>

const conflictPreview = z.object({
  result: body.nullable(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })),
  /** Rules of the template that the result would break and the record as it is now keeps. */
  broken: z.array(brokenRule),
  moved: z.boolean(),
})
export type ConflictPreviewView = z.infer<typeof conflictPreview>

const conflictFilter = z
  .object({
    status: conflictStatus.default('open'),
    vault: vaultId.optional(),
    collection: collectionName.optional(),
    importId: z.string().max(64).optional(),
    field: z.string().max(200).optional(),
    kind: conflictKind.optional(),
  })
  .strict()

/** Take one side wherever only these fields differ (all fields when empty). */
const bulkRule = z
  .object({
    take: z.enum(['ours', 'theirs', 'newest']),
    onlyFields: z.array(z.string().max(200)).max(100).default([]),
    /** Decide those too that would break a rule which may be overridden; a reason is then wanted. */
    override: z.boolean().default(false),
  })
  .strict()
export type BulkRuleView = z.infer<typeof bulkRule>

const receipt = z.object({
  batchId: z.string(),
  decided: z.number().int(),
  remaining: z.number().int(),
})

export const conflictCalls = {
  'conflicts.counts': query(
    none,
    z.object({
      open: z.number().int(),
      decided: z.number().int(),
      byVault: z.array(z.object({ vault: vaultId, name: z.string(), open: z.number().int() })),
      /** Fields that differ in open conflicts, with how many conflicts each, for the filter and the bulk rule. */
      byField: z.array(z.object({ field: z.string(), label: z.string(), open: z.number().int() })),
    }),
  ),
  'conflicts.list': query(
    z
      .object({
        filter: conflictFilter.default({ status: 'open' }),
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(500).default(200),
      })
      .strict(),
    page(conflictRow),
  ),
  'conflicts.get': query(z.object({ ref: conflictRef }).strict(), conflictDetail),
  'conflicts.preview': query(z.object({ ref: conflictRef, resolution }).strict(), conflictPreview),
  'conflicts.decide': command(
    z
      .object({
        ref: conflictRef,
        resolution,
        reason: z.string().max(500).optional(),
        /** Decide against the rules the preview named; else RULES_BROKEN. */
        override: overrideReason.optional(),
        expectRowVersion: z.number().int(),
        expectRecordVersion: z.number().int(),
      })
      .strict(),
    receipt,
  ),
  'conflicts.previewMany': query(
    z.object({ filter: conflictFilter, rule: bulkRule }).strict(),
    z.object({
      hash: z.string(),
      matching: z.number().int(),
      /** Matching the filter but not the rule. */
      left: z.number().int(),
      sample: z.array(conflictRow),
      /** Matching the rule, but the record would break one of its template: decided only with `override`. */
      against: z.object({
        total: z.number().int(),
        /** Of those, the ones that may be overridden. */
        overridable: z.number().int(),
        byRule: z.array(
          brokenRule.pick({ message: true, enforce: true }).extend({ count: z.number().int() }),
        ),
        /** The first of them. */
        rows: z.array(conflictRow.extend({ broken: z.array(brokenRule) })),
      }),
    }),
  ),
  'conflicts.decideMany': command(
    z
      .object({
        filter: conflictFilter,
        rule: bulkRule,
        hash: z.string(),
        reason: z.string().max(500).optional(),
      })
      .strict(),
    receipt,
  ),
  'conflicts.undo': command(
    z.object({ batchId: z.string().max(64) }).strict(),
    z.object({ undone: z.number().int(), remaining: z.number().int() }),
  ),
} as const
