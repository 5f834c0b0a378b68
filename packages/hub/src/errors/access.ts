/** Who may open, read, write or export, and what damage looks like. */
import { NoydbError } from './base.ts'

/** This user has no keyring in the vault. Never used for a wrong secret or for damage. */
export class NoAccessError extends NoydbError {
  constructor(message = 'This user has no access to the vault.') {
    super('NO_ACCESS', message)
  }
}

/** The secret does not open this keyring. */
export class InvalidKeyError extends NoydbError {
  constructor(message = 'The secret does not open this keyring.') {
    super('INVALID_KEY', message)
  }
}

/** Some wrapped keys open and some do not: damage, not a wrong secret. */
export class KeyringCorruptError extends NoydbError {
  readonly failedCollections: readonly string[]
  readonly intactCount: number

  constructor(detail: { failedCollections: readonly string[]; intactCount: number; message?: string }) {
    super(
      'KEYRING_CORRUPT',
      detail.message ??
        `The keyring is damaged: ${detail.failedCollections.length} keys do not open, ${detail.intactCount} do.`,
    )
    this.failedCollections = detail.failedCollections
    this.intactCount = detail.intactCount
  }
}

/** The grant behind this keyring ended at `expiresAt` (ISO-8601). */
export class KeyringExpiredError extends NoydbError {
  readonly userId: string
  readonly expiresAt: string

  constructor(detail: { userId: string; expiresAt: string }) {
    super('KEYRING_EXPIRED', `The access of ${detail.userId} ended at ${detail.expiresAt}.`)
    this.userId = detail.userId
    this.expiresAt = detail.expiresAt
  }
}

/** What was copied lies under keys that have been renewed since, so that somebody who was left out could not read on. */
export class KeysRenewedError extends NoydbError {
  constructor(message = 'The keys have been renewed since this copy was made.') {
    super('KEYS_RENEWED', message)
  }
}

/** A ciphertext does not open under the key it belongs to. */
export class DecryptionError extends NoydbError {
  constructor(message = 'The data does not open with its key.') {
    super('DECRYPTION_FAILED', message)
  }
}

/** Stored data was changed, moved or replayed outside this program. */
export class TamperedError extends NoydbError {
  constructor(message = 'Stored data was changed outside this program.') {
    super('TAMPERED', message)
  }
}

/** The role, or the permission on this collection, does not allow writing. */
export class ReadOnlyError extends NoydbError {
  constructor(message = 'This role may not write here.') {
    super('READ_ONLY', message)
  }
}

/** The role does not allow the operation. */
export class PermissionDeniedError extends NoydbError {
  constructor(message = 'This role may not do that.') {
    super('PERMISSION_DENIED', message)
  }
}

/** A grant would give more than the grantor holds. */
export class PrivilegeEscalationError extends NoydbError {
  readonly offendingCollection: string

  constructor(offendingCollection: string, message = `The grantor does not hold ${offendingCollection}.`) {
    super('PRIVILEGE_ESCALATION', message)
    this.offendingCollection = offendingCollection
  }
}

/** The keyring does not allow this kind of export. */
export class ExportCapabilityError extends NoydbError {
  readonly tier: 'plaintext' | 'bundle'
  readonly userId: string
  /** Absent, rather than undefined, where no format was asked about. */
  declare readonly format?: string

  constructor(detail: { tier: 'plaintext' | 'bundle'; userId: string; format?: string; message?: string }) {
    super(
      'EXPORT_CAPABILITY',
      detail.message ?? `${detail.userId} may not export ${detail.format ?? detail.tier}.`,
    )
    this.tier = detail.tier
    this.userId = detail.userId
    if (detail.format !== undefined) this.format = detail.format
  }
}
