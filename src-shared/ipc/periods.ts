/** Closed accounting periods of clients, and what was written against them and other rules. */
import { z } from 'zod'
import { collectionName, done, isoTime, month, overrideReason, page, recordId, vaultId } from './common.ts'
import { command, query } from './define.ts'

const closed = z.object({ period: month, by: z.string(), at: isoTime, reason: z.string().nullable() })
export type ClosedPeriodView = z.infer<typeof closed>

const periodBook = z.object({
  /** Everything up to this month is closed, less what was reopened. */
  through: closed.nullable(),
  /** Closed one by one, latest first. */
  months: z.array(closed),
  /** Open again below `through`, latest first. */
  reopened: z.array(month),
})
export type PeriodBookView = z.infer<typeof periodBook>

const exception = z.object({
  vault: vaultId,
  vaultName: z.string(),
  collection: collectionName,
  id: recordId,
  title: z.string(),
  /** Name of the rule, and the template's words for it. */
  rule: z.string(),
  message: z.string(),
  reason: z.string(),
  actor: z.string(),
  at: isoTime,
  command: z.string(),
  /** Import or decision it belongs to. */
  origin: z.string().nullable(),
})
export type ExceptionRow = z.infer<typeof exception>

const vaults = z.array(vaultId).min(1).max(4096)

export const periodCalls = {
  'periods.get': query(z.object({ vaultId }).strict(), periodBook),
  /** Of every client named, in one transaction: single months, or everything up to one. */
  'periods.close': command(
    z
      .object({
        vaultIds: vaults,
        periods: z.union([
          z.object({ through: month }).strict(),
          z.object({ months: z.array(month).min(1).max(120) }).strict(),
        ]),
        reason: z.string().trim().max(500).optional(),
      })
      .strict(),
    done,
  ),
  'periods.reopen': command(
    z.object({ vaultIds: vaults, months: z.array(month).min(1).max(120), reason: overrideReason }).strict(),
    done,
  ),
  /** Newest first. */
  'periods.exceptions': query(
    z
      .object({
        vault: vaultId.optional(),
        rule: z.string().max(200).optional(),
        since: isoTime.max(40).optional(),
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(500).default(200),
      })
      .strict(),
    page(exception),
  ),
} as const
