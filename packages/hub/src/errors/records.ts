/** A record, a reference or a schema that does not fit. */
import { NoydbError } from './base.ts'

/** A record does not fit the collection's schema; `issues` are the validator's own. */
export class SchemaValidationError extends NoydbError {
  readonly issues: readonly unknown[]
  readonly direction: 'input' | 'output'

  constructor(message: string, issues: readonly unknown[], direction: 'input' | 'output') {
    super('SCHEMA_VALIDATION_FAILED', message)
    this.issues = issues
    this.direction = direction
  }
}

/** Base of the schema-update family; the code is passed in. */
export class SchemaUpdateError extends NoydbError {}

/** Writes are blocked until a pending cutover has run. */
export class SchemaFenceError extends SchemaUpdateError {
  /** ISO-8601: when another session that cuts over answers for it no more, unless it says so again. */
  readonly leaseUntil: string | undefined

  constructor(message: string, leaseUntil?: string) {
    super('SCHEMA_FENCE', message)
    this.leaseUntil = leaseUntil
  }
}

/** The vault moved to a newer schema generation since this session opened it. */
export class MigrationRequiredError extends SchemaUpdateError {
  constructor(message: string) {
    super('MIGRATION_REQUIRED', message)
  }
}

/** In-flight writes did not settle before a cutover. */
export class QuiesceTimeoutError extends SchemaUpdateError {
  constructor(message: string) {
    super('QUIESCE_TIMEOUT', message)
  }
}

/** A strict reference points nowhere, or a delete would leave one pointing nowhere. */
export class RefIntegrityError extends NoydbError {
  readonly collection: string
  readonly id: string
  readonly field: string
  readonly refTo: string
  readonly refId: string | null

  constructor(detail: {
    collection: string
    id: string
    field: string
    refTo: string
    refId: string | null
    message: string
  }) {
    super('REF_INTEGRITY', detail.message)
    this.collection = detail.collection
    this.id = detail.id
    this.field = detail.field
    this.refTo = detail.refTo
    this.refId = detail.refId
  }
}

/** A reference target that leaves the vault. */
export class RefScopeError extends NoydbError {
  constructor(target: string) {
    super('REF_SCOPE', `A reference stays inside its vault; "${target}" does not.`)
  }
}

/** A guard refuses to change this record. */
export class RecordLockedError extends NoydbError {
  readonly collection: string
  readonly id: string
  readonly reason: string

  constructor(collection: string, id: string, reason: string) {
    super('RECORD_LOCKED', `${collection}/${id} is locked: ${reason}.`)
    this.collection = collection
    this.id = id
    this.reason = reason
  }
}
