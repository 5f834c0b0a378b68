/** Who did what, from the vaults' audit chains, and whether those chains hold. */
import { z } from 'zod'
import { isoTime, vaultId } from './common.ts'
import { query } from './define.ts'

const activityRow = z.object({
  vault: vaultId,
  vaultName: z.string(),
  seq: z.number().int(),
  id: z.string(),
  actor: z.string(),
  command: z.string(),
  reason: z.string().nullable(),
  time: isoTime,
  changed: z.number().int(),
  /** At most fifty of the changed records. */
  changes: z.array(
    z.object({ collection: z.string(), id: z.string(), before: z.number().int(), after: z.number().int() }),
  ),
})
export type ActivityRow = z.infer<typeof activityRow>

const verifyRow = z.object({
  vault: vaultId,
  vaultName: z.string(),
  ok: z.boolean(),
  entries: z.number().int(),
  versionsChecked: z.number().int(),
  problems: z.array(z.object({ seq: z.number().int(), kind: z.string(), message: z.string() })),
})
export type VerifyRow = z.infer<typeof verifyRow>

export const activityCalls = {
  'activity.list': query(
    z
      .object({
        vault: vaultId.optional(),
        command: z.string().max(100).optional(),
        /** Entries older than this time. */
        before: isoTime.optional(),
        limit: z.number().int().min(1).max(500).default(200),
      })
      .strict(),
    z.object({ rows: z.array(activityRow), more: z.boolean() }),
  ),
  'activity.verify': query(z.object({ vault: vaultId.optional() }).strict(), z.array(verifyRow)),
} as const
