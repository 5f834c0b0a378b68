/** Who did what, from the audit chains of the vaults and of the workspace, and whether those chains hold. */
import { z } from 'zod'
import { isoTime, vaultId } from './common.ts'
import { query } from './define.ts'

const activityPart = z.object({
  vault: vaultId,
  vaultName: z.string(),
  /** Number of the entry in the client's own trail; null where only the workspace noted it, as for a new client. */
  seq: z.number().int().nullable(),
  changed: z.number().int(),
  /** At most fifty of the changed records, over all clients of the row. */
  changes: z.array(
    z.object({ collection: z.string(), id: z.string(), before: z.number().int(), after: z.number().int() }),
  ),
})

/** One command: what it wrote, it wrote in one transaction, into the trail of every vault it touched. */
const activityRow = z.object({
  id: z.string(),
  actor: z.string(),
  command: z.string(),
  reason: z.string().nullable(),
  time: isoTime,
  /** None where it concerned the workspace alone. */
  clients: z.array(activityPart),
  /** Number of the entry in the workspace's own trail, where it has one. */
  workspaceSeq: z.number().int().nullable(),
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
        /** What comes after this row in the list. */
        before: z
          .object({ time: isoTime, id: z.string().max(64) })
          .strict()
          .optional(),
        limit: z.number().int().min(1).max(500).default(200),
      })
      .strict(),
    z.object({ rows: z.array(activityRow), more: z.boolean() }),
  ),
  'activity.verify': query(z.object({ vault: vaultId.optional() }).strict(), z.array(verifyRow)),
} as const
