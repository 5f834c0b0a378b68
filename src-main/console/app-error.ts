/** The one error class screens get, and where every engine error becomes one. */
import { appErrorCodes, type AppErrorCode } from '../../src-shared/ipc/errors.ts'
import { sentenceFor, sentenceForEngine } from './error-sentences.ts'

export type ErrorDetails = Readonly<Record<string, unknown>>

/** `message` says what happened, what was not changed, and what to do next; `details` is small and free of secrets. */
export class AppError extends Error {
  readonly code: AppErrorCode
  readonly details: ErrorDetails | undefined

  constructor(code: AppErrorCode, message: string = sentenceFor(code), details?: ErrorDetails) {
    super(message)
    this.name = 'AppError'
    this.code = code
    this.details = details
  }
}

/** Engine codes, and the code a screen knows for each. Those not listed and not of the screen's own are INTERNAL. */
const appCodeByEngineCode: Readonly<Record<string, AppErrorCode>> = {
  VALIDATION_ERROR: 'BAD_INPUT',
  CONFLICT: 'VERSION_CONFLICT',
  INVALID_KEY: 'WRONG_PASSPHRASE',
  KEYRING_CORRUPT: 'KEYRING_DAMAGED',
  KEYRING_EXPIRED: 'NO_ACCESS',
  DECRYPTION_FAILED: 'TAMPERED',
  READ_ONLY: 'NO_ACCESS',
  PERMISSION_DENIED: 'NO_ACCESS',
  EXPORT_CAPABILITY: 'NO_ACCESS',
  SCHEMA_VALIDATION_FAILED: 'RECORD_INVALID',
  REF_INTEGRITY: 'RECORD_INVALID',
  RECORD_LOCKED: 'RECORD_INVALID',
  BUNDLE_INTEGRITY: 'BUNDLE_DAMAGED',
  TRANSFER_SEAL: 'KEY_WRONG',
  BATCH_STALE: 'PLAN_STALE',
  BUNDLE_INVALID: 'BUNDLE_DAMAGED',
  CARD_INVALID: 'BAD_INPUT',
  CONFLICT_CHANGED: 'CONFLICT_MOVED',
  CONFLICT_NOT_FOUND: 'NOT_FOUND',
  CONFLICT_NOT_OPEN: 'CONFLICT_CLOSED',
  CROSS_VAULT_DANGLING: 'REFERENCE_LEFT_OUT',
  PARTITION_EXTRACTION: 'REFERENCE_LEFT_OUT',
  DECISION_EDITED: 'UNDO_REFUSED',
  DECISION_INVALID: 'RECORD_INVALID',
  IMPORT_NOT_FOUND: 'NOT_FOUND',
  IMPORT_UNDONE: 'UNDO_REFUSED',
  KEY_MISSING: 'KEY_OF_OTHER_BUNDLE',
  KEY_PASSPHRASE_MISSING: 'KEY_PASSPHRASE_WRONG',
  MIGRATION_TRANSFORM_REQUIRED: 'ROWS_REFUSED',
  MIN_VERSION: 'BUNDLE_TOO_NEW',
  PLAN_TAMPERED: 'PLAN_STALE',
  PROFILE_INVALID: 'MAPPING_INVALID',
  PROFILE_NOT_FOUND: 'NOT_FOUND',
  SENDER_KEY_CHANGED: 'SENDER_CHANGED',
  SIGNATURE_INVALID: 'BUNDLE_DAMAGED',
  SOURCE_CHANGED: 'FILE_CHANGED',
  SOURCE_INVALID: 'FILE_UNREADABLE',
  SOURCE_LIMIT: 'FILE_UNREADABLE',
  TEMPLATE_INVALID: 'BAD_INPUT',
  TEMPLATE_TOO_NEW: 'BUNDLE_TOO_NEW',
  TRANSFORM_LIMIT: 'LIMIT_EXCEEDED',
  TRANSFORM_ROWS_REFUSED: 'ROWS_REFUSED',
  UNDO_STALE: 'PLAN_STALE',
  UNIT_NOT_GRADUATED: 'ROWS_REFUSED',
  RECEIPT_OF_OTHER_KEY: 'BAD_INPUT',
  CAMPAIGN_BUSY: 'BAD_INPUT',
  CAMPAIGN_CHANGED_SINCE: 'UNDO_REFUSED',
  CAMPAIGN_EMPTY: 'BAD_INPUT',
  CAMPAIGN_ENDED: 'BAD_INPUT',
  CAMPAIGN_NOT_FOUND: 'NOT_FOUND',
  CAMPAIGN_OPEN: 'BAD_INPUT',
  CAMPAIGN_SHARD_STATE: 'BAD_INPUT',
  CAMPAIGN_SHARD_UNKNOWN: 'NOT_FOUND',
  CAMPAIGN_TAKEN_OVER: 'VERSION_CONFLICT',
  SHARD_ARCHIVED: 'BAD_INPUT',
  SHARD_MIGRATION_FAILED: 'BAD_INPUT',
  SHARD_MIGRATION_WAITING: 'BAD_INPUT',
  SHARD_REMOVED: 'NOT_FOUND',
  SHARD_TIMEOUT: 'STORE_UNAVAILABLE',
  SNAPSHOT_INVALID: 'BAD_INPUT',
  SNAPSHOT_MISSING: 'NOT_FOUND',
  SNAPSHOT_NOT_WRITTEN: 'STORE_UNAVAILABLE',
  SNAPSHOT_OF_OTHER_VAULT: 'BAD_INPUT',
  SNAPSHOT_TOO_NEW: 'BAD_INPUT',
  STORE_FOREIGN: 'STORE_UNAVAILABLE',
  STORE_NOT_FOUND: 'WORKSPACE_ABSENT',
  STORE_CLOSED: 'LOCKED',
  STORE_HOST_FAILED: 'STORE_UNAVAILABLE',
  STORE_BAD_ARGUMENT: 'BAD_INPUT',
  STORE_INTERNAL: 'STORE_UNAVAILABLE',
  SURFACE_NOT_FOUND: 'NOT_FOUND',
  SURFACE_STATE: 'BAD_INPUT',
  SURFACE_INVALID: 'BAD_INPUT',
  SURFACE_OWN_PROPOSAL: 'BAD_INPUT',
  SURFACE_ASKED: 'BAD_INPUT',
  SURFACE_NOT_NARROWER: 'BAD_INPUT',
  SURFACE_VERSION_OLD: 'SEQUENCE_REFUSED',
  SURFACE_EXPIRED: 'BAD_INPUT',
  SURFACE_PARTY: 'BUNDLE_DAMAGED',
  SURFACE_PARTY_UNKNOWN: 'SENDER_CHANGED',
  SURFACE_SIGNED: 'BAD_INPUT',
  SURFACE_FILE_INVALID: 'BUNDLE_DAMAGED',
  SURFACE_FILE_FORGED: 'BUNDLE_DAMAGED',
  SURFACE_FILE_MISSING: 'SEQUENCE_REFUSED',
  SURFACE_FILE_FORKED: 'SEQUENCE_REFUSED',
  SURFACE_DIRECTION: 'BAD_INPUT',
  SURFACE_DELIVERY_FOREIGN: 'BUNDLE_DAMAGED',
  SURFACE_OUTSIDE: 'BUNDLE_DAMAGED',
  SURFACE_DELIVERY_OLD: 'SEQUENCE_REFUSED',
  SURFACE_FULL_NEEDED: 'SEQUENCE_REFUSED',
  SURFACE_BUSY: 'BAD_INPUT',
}

/** Any thrown value as an AppError; what nobody foresaw keeps its cause and becomes INTERNAL. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  if (thrown instanceof Error && thrown.name === 'AbortError') return withCause('CANCELLED', thrown)
  const engineCode = codeOf(thrown)
  const code = appCodeOf(engineCode)
  return withCause(code, thrown, detailsOf(thrown, code))
}

function appCodeOf(engineCode: string | null): AppErrorCode {
  if (engineCode === null) return 'INTERNAL'
  if (Object.hasOwn(appCodeByEngineCode, engineCode)) return appCodeByEngineCode[engineCode] ?? 'INTERNAL'
  return appErrorCodes.find((code) => code === engineCode) ?? 'INTERNAL'
}

function withCause(code: AppErrorCode, cause: unknown, details?: ErrorDetails): AppError {
  const error = new AppError(code, messageFor(code, cause), details)
  error.cause = cause
  return error
}

/** The store's own sentences name the place and the holder; the engine's other texts speak to programmers. */
function messageFor(code: AppErrorCode, cause: unknown): string {
  const engineCode = codeOf(cause) ?? ''
  if (engineCode.startsWith('STORE_') && cause instanceof Error) return cause.message
  return sentenceForEngine(engineCode) ?? sentenceFor(code)
}

/** Codes whose engine errors name the fault in words of their own. */
const saysWhy: ReadonlySet<AppErrorCode> = new Set([
  'BAD_INPUT',
  'LIMIT_EXCEEDED',
  'FILE_UNREADABLE',
  'MAPPING_INVALID',
])

function detailsOf(thrown: unknown, code: AppErrorCode): ErrorDetails | undefined {
  if (code === 'RECORD_INVALID') return { issues: issuesOf(thrown) }
  if (code === 'VERSION_CONFLICT') return pick(thrown, ['version'])
  if (code === 'KEY_MISTYPED') return { groups: firstOf(thrown, 'groups') }
  if (code === 'ALREADY_IMPORTED') return pick(thrown, ['importId', 'appliedAt'])
  if (code === 'ROWS_REFUSED' || code === 'RULES_BROKEN') return { rows: firstOf(thrown, 'rows') }
  if (code === 'PLAN_STALE') return { moved: firstOf(thrown, 'moved') }
  if (saysWhy.has(code) && thrown instanceof Error) return { reason: thrown.message.slice(0, 500) }
  return undefined
}

export interface Issue {
  readonly path: string
  readonly message: string
}

/** Validation issues of an engine error, with dotted paths; one for the whole record where it names none. */
function issuesOf(thrown: unknown): Issue[] {
  const issues = isObject(thrown) && Array.isArray(thrown.issues) ? thrown.issues.filter(isObject) : []
  const found = issues.map((issue) => ({ path: dotted(issue.path), message: textOf(issue.message) }))
  if (found.length > 0) return found.slice(0, 100)
  const field = isObject(thrown) && typeof thrown.field === 'string' ? thrown.field : ''
  return [{ path: field, message: thrown instanceof Error ? thrown.message : 'This record is not valid.' }]
}

function dotted(path: unknown): string {
  if (typeof path === 'string') return path
  if (!Array.isArray(path)) return ''
  return path.map((step: unknown) => String(isObject(step) ? step.key : step)).join('.')
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? message : 'is not valid'
}

function codeOf(thrown: unknown): string | null {
  return isObject(thrown) && typeof thrown.code === 'string' ? thrown.code : null
}

function pick(thrown: unknown, names: readonly string[]): ErrorDetails {
  const source = isObject(thrown) ? thrown : {}
  return Object.fromEntries(names.map((name) => [name, source[name]]))
}

/** Enough to show; the whole list may be long. */
function firstOf(thrown: unknown, name: string): unknown[] {
  const list = isObject(thrown) ? thrown[name] : undefined
  return Array.isArray(list) ? list.slice(0, 100) : []
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
