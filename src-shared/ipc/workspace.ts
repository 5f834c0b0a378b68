/** The workspace file: create, unlock, lock. */
import { z } from 'zod'
import { done, isoTime, none } from './common.ts'
import { command, query, secret } from './define.ts'
import { wireErrorSchema } from './errors.ts'

const workspaceStatus = z.object({
  state: z.enum(['absent', 'locked', 'unlocked', 'broken']),
  /** Path of the workspace file, for people. */
  file: z.string(),
  firmName: z.string().nullable(),
  userName: z.string().nullable(),
  /** Of this user's signing identity, once unlocked. */
  fingerprint: z.string().nullable(),
  unlockedAt: isoTime.nullable(),
  /** When the recovery code was made; null where there is none. */
  recoverySince: isoTime.nullable(),
  /** Why the file cannot be opened, where `state` is `broken`. */
  problem: wireErrorSchema.nullable(),
  host: z.enum(['electron', 'loopback']),
})
export type WorkspaceStatus = z.infer<typeof workspaceStatus>

export const demoFiles = z.object({
  folder: z.string(),
  bundles: z.array(z.object({ bundle: z.string(), keys: z.string(), note: z.string() })),
})

export const workspaceCalls = {
  'workspace.status': query(none, workspaceStatus),
  'workspace.create': command(
    z
      .object({
        firmName: z.string().trim().min(1).max(120),
        userName: z.string().trim().min(1).max(120),
        passphrase: secret(),
        /** Made and shown by the window, confirmed by the person; see src-shared/model/recovery-code.ts. */
        recoveryCode: secret(64).optional(),
        /** Fill the new workspace with a made-up firm of twelve clients and write three bundles to import. */
        demo: z.boolean().default(false),
      })
      .strict(),
    z.object({ status: workspaceStatus, demo: demoFiles.nullable() }),
  ),
  'workspace.unlock': command(z.object({ passphrase: secret() }).strict(), workspaceStatus),
  /** The recovery code opens the workspace and sets a new passphrase. */
  'workspace.recover': command(
    z.object({ recoveryCode: secret(64), passphrase: secret() }).strict(),
    workspaceStatus,
  ),
  'workspace.changePassphrase': command(z.object({ current: secret(), next: secret() }).strict(), done),
  /** Makes this code the only good one; null takes the present one away. */
  'workspace.setRecoveryCode': command(
    z.object({ passphrase: secret(), recoveryCode: secret(64).nullable() }).strict(),
    workspaceStatus,
  ),
  'workspace.lock': command(none, done),
} as const
