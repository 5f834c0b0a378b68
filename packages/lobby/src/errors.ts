/**
 * Errors of the lobby. `code` is stable and safe to branch on; `message` is for people.
 * Classes the published declarations name keep their names and get a code besides.
 */
import type { ImportPlan, RowFault, RowRef } from './import/types.ts'
import type { BrokenRule } from './invariants/types.ts'
import type { ConflictRef } from './queue/types.ts'
import type { SurfaceErrorCode } from './surfaces/error-codes.ts'

export type LobbyErrorCode =
  | 'ALREADY_IMPORTED'
  | 'BATCH_STALE'
  | 'BUNDLE_INVALID'
  | 'BUNDLE_TOO_NEW'
  | 'CAMPAIGN_BUSY'
  | 'CAMPAIGN_CHANGED_SINCE'
  | 'CAMPAIGN_EMPTY'
  | 'CAMPAIGN_ENDED'
  | 'CAMPAIGN_NOT_FOUND'
  | 'CAMPAIGN_OPEN'
  | 'CAMPAIGN_SHARD_STATE'
  | 'CAMPAIGN_SHARD_UNKNOWN'
  | 'CAMPAIGN_TAKEN_OVER'
  | 'CARD_INVALID'
  | 'CONFLICT_CHANGED'
  | 'CONFLICT_MOVED'
  | 'CONFLICT_NOT_FOUND'
  | 'CONFLICT_NOT_OPEN'
  | 'CROSS_VAULT_DANGLING'
  | 'CURSOR_INVALID'
  | 'DECISION_EDITED'
  | 'DECISION_INVALID'
  | 'FIELD_AUTHORITY_POLICY_MISSING'
  | 'FIELD_LEVEL_DEFERRED'
  | 'IMPORT_NOT_FOUND'
  | 'IMPORT_UNDONE'
  | 'KEY_FOR_OTHERS'
  | 'KEY_INVALID'
  | 'KEY_MISSING'
  | 'KEY_MISTYPED'
  | 'KEY_OF_OTHER_BUNDLE'
  | 'KEY_PASSPHRASE_MISSING'
  | 'KEY_PASSPHRASE_WRONG'
  | 'MIGRATION_TRANSFORM_REQUIRED'
  | 'MIN_VERSION'
  | 'PLAN_STALE'
  | 'PLAN_TAMPERED'
  | 'PROFILE_INVALID'
  | 'PROFILE_NOT_FOUND'
  | 'ROWS_REFUSED'
  | 'RULES_BROKEN'
  | 'SENDER_KEY_CHANGED'
  | 'SEQUENCE_REFUSED'
  | 'SHARD_ARCHIVED'
  | 'SHARD_MIGRATION_FAILED'
  | 'SHARD_MIGRATION_WAITING'
  | 'SHARD_REMOVED'
  | 'SHARD_TIMEOUT'
  | 'SIGNATURE_INVALID'
  | 'SOURCE_CHANGED'
  | 'SOURCE_INVALID'
  | 'SOURCE_LIMIT'
  | 'SNAPSHOT_INVALID'
  | 'SNAPSHOT_MISSING'
  | 'SNAPSHOT_NOT_WRITTEN'
  | 'SNAPSHOT_OF_OTHER_VAULT'
  | 'SNAPSHOT_TOO_NEW'
  | 'TEMPLATE_INVALID'
  | 'TEMPLATE_TOO_NEW'
  | 'TRANSFORM_LIMIT'
  | 'TRANSFORM_ROWS_REFUSED'
  | 'TRANSFORM_WORKER_FAILED'
  | 'UNDO_REFUSED'
  | 'UNDO_STALE'
  | 'UNIT_NOT_GRADUATED'
  | 'EXPORT_CHANGED'
  | 'EXPORT_LIMIT'
  | 'RECEIPT_INVALID'
  | 'RECEIPT_OF_OTHER_KEY'
  | 'RECEIPT_TOO_NEW'
  | SurfaceErrorCode

export class LobbyError extends Error {
  readonly code: LobbyErrorCode

  constructor(code: LobbyErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** A container is truncated, altered or beyond its limits. */
export class BundleInvalidError extends LobbyError {
  constructor(message: string) {
    super('BUNDLE_INVALID', message)
  }
}

/** The container was applied before, and that import stands. */
export class AlreadyImportedError extends LobbyError {
  readonly importId: string
  readonly appliedAt: string

  constructor(importId: string, appliedAt: string) {
    super('ALREADY_IMPORTED', `This bundle was imported on ${appliedAt}; nothing changes.`)
    this.importId = importId
    this.appliedAt = appliedAt
  }
}

/** Rows the receiver cannot take; each has to be excluded by name first. */
export class ImportRefusedRowsError extends LobbyError {
  readonly rows: readonly (RowRef & { readonly fault: RowFault })[]

  constructor(rows: readonly (RowRef & { readonly fault: RowFault })[], options?: ErrorOptions) {
    const message = `${rows.length} rows cannot be imported as they are; fix or exclude them first.`
    super('ROWS_REFUSED', message, options)
    this.rows = rows
  }
}

/** Records would break rules of their template that may be overridden, and no reason was given. */
export class RulesBrokenError extends LobbyError {
  readonly rows: readonly (RowRef & { readonly broken: readonly BrokenRule[] })[]

  constructor(rows: readonly (RowRef & { readonly broken: readonly BrokenRule[] })[]) {
    super(
      'RULES_BROKEN',
      `${rows.length} records would break a rule of their template; say why, or leave them out.`,
    )
    this.rows = rows
  }
}

/** Records changed between plan and apply. `fresh` is the plan as it would be now, where it could be made. */
export class PlanStaleError extends LobbyError {
  readonly moved: readonly RowRef[]
  readonly fresh: ImportPlan | null

  constructor(moved: readonly RowRef[], fresh: ImportPlan | null) {
    super('PLAN_STALE', `${moved.length} records changed since the import was planned.`)
    this.moved = moved
    this.fresh = fresh
  }
}

/** Decisions whose records were edited afterwards: undoing them would lose that work. */
export class DecisionEditedError extends LobbyError {
  readonly refs: readonly ConflictRef[]

  constructor(refs: readonly ConflictRef[]) {
    super('DECISION_EDITED', `${refs.length} records were edited since they were decided.`)
    this.refs = refs
  }
}

/** The decision's result does not fit, or the resolution names something that is not there. */
export class DecisionInvalidError extends LobbyError {
  readonly issues: readonly { readonly path: string; readonly message: string }[]

  constructor(message: string, issues: readonly { path: string; message: string }[] = []) {
    super('DECISION_INVALID', message)
    this.issues = issues
  }
}

/** A collection resolves to `field-authority`, has changed records and no policy. */
export class FieldAuthorityPolicyMissingError extends LobbyError {
  constructor(collection: string) {
    super('FIELD_AUTHORITY_POLICY_MISSING', `There is no field-authority policy for "${collection}".`)
  }
}

/** @deprecated Never thrown; kept for imports. */
export class FieldLevelDeferredError extends LobbyError {
  constructor(collection: string) {
    super('FIELD_LEVEL_DEFERRED', `Field-level merge of "${collection}" is deferred.`)
  }
}
