/** Every code an error can carry to a screen. Screens branch on the code, never on the text. */
import { z } from 'zod'

export const appErrorCodes = [
  // the call itself
  'BAD_INPUT',
  'FORBIDDEN',
  'UNKNOWN_CALL',
  'INTERNAL',
  'CANCELLED',
  'NOT_FOUND',
  // workspace and store
  'LOCKED',
  'WORKSPACE_EXISTS',
  'WORKSPACE_ABSENT',
  'WRONG_PASSPHRASE',
  'WEAK_PASSPHRASE',
  'WRONG_RECOVERY_CODE',
  'STORE_TOO_NEW',
  'STORE_LOCKED',
  'STORE_READ_ONLY',
  'STORE_FULL',
  'STORE_CORRUPT',
  'STORE_UNAVAILABLE',
  'KEYRING_DAMAGED',
  'TAMPERED',
  'NO_ACCESS',
  // files and bundles
  'FILE_TOO_LARGE',
  'FILE_GONE',
  'FILE_UNKNOWN',
  'FILE_UNREADABLE',
  'FILE_CHANGED',
  'MAPPING_INVALID',
  'REFERENCE_LEFT_OUT',
  'NOT_A_BUNDLE',
  'BUNDLE_TOO_NEW',
  'BUNDLE_DAMAGED',
  'KEY_INVALID',
  'KEY_MISTYPED',
  'KEY_PASSPHRASE_WRONG',
  'KEY_FOR_OTHERS',
  'KEY_OF_OTHER_BUNDLE',
  'KEY_WRONG',
  'ALREADY_IMPORTED',
  'LIMIT_EXCEEDED',
  // plan, apply, queue
  'PLAN_STALE',
  'PLAN_GONE',
  'SENDER_CHANGED',
  'SEQUENCE_REFUSED',
  'REMOVALS_REFUSED',
  'ROWS_REFUSED',
  'RULES_BROKEN',
  'PERIOD_CLOSED',
  'RECORD_INVALID',
  'VERSION_CONFLICT',
  'CONFLICT_MOVED',
  'CONFLICT_CLOSED',
  'UNDO_REFUSED',
  // what leaves, and its receipts
  'EXPORT_LIMIT',
  'EXPORT_CHANGED',
  'RECEIPT_INVALID',
  'RECEIPT_TOO_NEW',
] as const

export type AppErrorCode = (typeof appErrorCodes)[number]

/** What crosses the wire. `ref` names the log entry of an unexpected failure; `details` is small and free of secrets. */
export const wireErrorSchema = z.object({
  code: z.enum(appErrorCodes),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
  ref: z.string().optional(),
})

export type WireError = z.infer<typeof wireErrorSchema>

export type WireResult =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: WireError }
