/**
 * Every error the hub raises, and the federation errors that the engine above it raises.
 * One module owns the classes so that `instanceof` holds whichever entry point they come from.
 */

/** Base of all hub errors. `code` is stable and safe to branch on; `message` is for people. */
export class NoydbError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = new.target.name
    this.code = code
  }
}

/** An argument, name or call that cannot be right, found before anything was read or written. */
export class ValidationError extends NoydbError {
  constructor(message = 'The value is not valid.') {
    super('VALIDATION_ERROR', message)
  }
}

/** Compare-and-set lost: `version` is what the store holds (0 when the record is absent). */
export class ConflictError extends NoydbError {
  readonly version: number

  constructor(version: number, message = `The store holds version ${version}.`) {
    super('CONFLICT', message)
    this.version = version
  }
}

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

/** The store lacks an optional method the call needs. */
export class StoreCapabilityError extends NoydbError {
  readonly capability: string

  constructor(capability: string, callerApi: string, storeName?: string) {
    super('STORE_CAPABILITY', `${callerApi} needs ${capability}, which ${storeName ?? 'this store'} lacks.`)
    this.capability = capability
  }
}

/** The keyring does not allow this kind of export. */
export class ExportCapabilityError extends NoydbError {
  readonly tier: 'plaintext' | 'bundle'
  readonly userId: string
  readonly format?: string

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
  constructor(message: string) {
    super('SCHEMA_FENCE', message)
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

/** A join met a strict reference whose target is missing. */
export class DanglingReferenceError extends NoydbError {
  readonly field: string
  readonly target: string
  readonly refId: string

  constructor(detail: { field: string; target: string; refId: string; message: string }) {
    super('DANGLING_REFERENCE', detail.message)
    this.field = detail.field
    this.target = detail.target
    this.refId = detail.refId
  }
}

/** One side of a join holds more rows than allowed. */
export class JoinTooLargeError extends NoydbError {
  readonly leftRows: number
  readonly rightRows: number
  readonly maxRows: number
  readonly side: 'left' | 'right'

  constructor(detail: {
    leftRows: number
    rightRows: number
    maxRows: number
    side: 'left' | 'right'
    message: string
  }) {
    super('JOIN_TOO_LARGE', detail.message)
    this.leftRows = detail.leftRows
    this.rightRows = detail.rightRows
    this.maxRows = detail.maxRows
    this.side = detail.side
  }
}

/** Grouping by this field makes more groups than allowed. */
export class GroupCardinalityError extends NoydbError {
  readonly field: string
  readonly cardinality: number
  readonly maxGroups: number

  constructor(field: string, cardinality: number, maxGroups: number) {
    super(
      'GROUP_CARDINALITY',
      `Grouping by ${field} makes ${cardinality} groups; at most ${maxGroups} are kept.`,
    )
    this.field = field
    this.cardinality = cardinality
    this.maxGroups = maxGroups
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

/** A partition could not be extracted as asked. */
export class PartitionExtractionError extends NoydbError {
  constructor(message: string) {
    super('PARTITION_EXTRACTION', message)
  }
}

/** The transfer key does not open this bundle, or is not a key. */
export class TransferSealError extends NoydbError {
  constructor(message: string) {
    super('TRANSFER_SEAL', message)
  }
}

/** An adopted partition is not in the state the call needs. */
export class AdoptionStateError extends NoydbError {
  constructor(message: string) {
    super('ADOPTION_STATE', message)
  }
}

/** A container, header or body is truncated, altered or beyond its limits. */
export class BundleIntegrityError extends NoydbError {
  constructor(message: string) {
    super('BUNDLE_INTEGRITY', message)
  }
}

/** No shard is registered for this partition key. */
export class UnknownShardError extends NoydbError {
  readonly partitionKey: string

  constructor(partitionKey: string, groupName: string) {
    super('SHARD_UNKNOWN', `Group ${groupName} has no shard for "${partitionKey}".`)
    this.partitionKey = partitionKey
  }
}

/** The registry names a shard whose vault does not exist. */
export class ShardProvisioningError extends NoydbError {
  readonly vaultId: string

  constructor(vaultId: string, partitionKey: string) {
    super(
      'SHARD_PROVISIONING',
      `The registry names ${vaultId} for "${partitionKey}", but there is no such vault.`,
    )
    this.vaultId = vaultId
  }
}

/** No template of that name was registered. */
export class VaultTemplateNotFoundError extends NoydbError {
  readonly templateName: string

  constructor(templateName: string) {
    super('VAULT_TEMPLATE_NOT_FOUND', `There is no vault template named "${templateName}".`)
    this.templateName = templateName
  }
}

/** The name belongs to the system. */
export class ReservedVaultNameError extends NoydbError {
  readonly vaultName: string

  constructor(vaultName: string) {
    super('RESERVED_VAULT_NAME', `The vault name "${vaultName}" is reserved.`)
    this.vaultName = vaultName
  }
}

/** The backend that would hold the vault is not in the region its records must stay in. */
export class DataResidencyError extends NoydbError {
  readonly vaultId: string
  readonly requiredRegion: string
  readonly backendRegion: string | undefined

  constructor(vaultId: string, requiredRegion: string, backendRegion: string | undefined) {
    super(
      'DATA_RESIDENCY',
      `${vaultId} must stay in ${requiredRegion}; its store is in ${backendRegion ?? 'no known region'}.`,
    )
    this.vaultId = vaultId
    this.requiredRegion = requiredRegion
    this.backendRegion = backendRegion
  }
}

/** A join that cannot be answered shard by shard. */
export class CrossShardJoinError extends NoydbError {
  constructor(message: string) {
    super('CROSS_SHARD_JOIN', message)
  }
}
