/** Contract section 2: every class, its code, its name, its own members, and what its constructor takes. */
import { describe, expect, it } from 'vitest'
import * as errors from './errors.ts'

type Row = readonly [error: Error, code: string, own: Record<string, unknown>]

const damaged = { failedCollections: ['a', 'b'], intactCount: 3 }
const reference = { collection: 'c', id: 'i', field: 'f', refTo: 't', refId: null }
const dangling = { field: 'f', target: 't', refId: 'r' }
const sides = { leftRows: 9, rightRows: 2, maxRows: 5, side: 'left' } as const
const expired = { userId: 'ann', expiresAt: '2026-01-01T00:00:00.000Z' }
const message = 'said'
const issues = [{ message: 'no' }]

const table: readonly Row[] = [
  [new errors.NoydbError('ANY_CODE', message), 'ANY_CODE', {}],
  [new errors.ValidationError(), 'VALIDATION_ERROR', {}],
  [new errors.ConflictError(7), 'CONFLICT', { version: 7 }],
  [new errors.NoAccessError(), 'NO_ACCESS', {}],
  [new errors.InvalidKeyError(), 'INVALID_KEY', {}],
  [new errors.KeyringCorruptError(damaged), 'KEYRING_CORRUPT', damaged],
  [new errors.KeyringExpiredError(expired), 'KEYRING_EXPIRED', expired],
  [new errors.KeysRenewedError(), 'KEYS_RENEWED', {}],
  [new errors.DecryptionError(), 'DECRYPTION_FAILED', {}],
  [new errors.TamperedError(), 'TAMPERED', {}],
  [new errors.ReadOnlyError(), 'READ_ONLY', {}],
  [new errors.PermissionDeniedError(), 'PERMISSION_DENIED', {}],
  [new errors.PrivilegeEscalationError('c'), 'PRIVILEGE_ESCALATION', { offendingCollection: 'c' }],
  [new errors.StoreCapabilityError('tx', 'transaction'), 'STORE_CAPABILITY', { capability: 'tx' }],
  [
    new errors.ExportCapabilityError({ tier: 'plaintext', userId: 'ann', format: 'xlsx' }),
    'EXPORT_CAPABILITY',
    { tier: 'plaintext', userId: 'ann', format: 'xlsx' },
  ],
  [
    new errors.ExportCapabilityError({ tier: 'bundle', userId: 'ann' }),
    'EXPORT_CAPABILITY',
    { tier: 'bundle', userId: 'ann' },
  ],
  [
    new errors.SchemaValidationError(message, issues, 'output'),
    'SCHEMA_VALIDATION_FAILED',
    { issues, direction: 'output' },
  ],
  [new errors.SchemaUpdateError('OWN_CODE', message), 'OWN_CODE', {}],
  [
    new errors.SchemaFenceError(message, '2026-01-01T00:00:20.000Z'),
    'SCHEMA_FENCE',
    { leaseUntil: '2026-01-01T00:00:20.000Z' },
  ],
  [new errors.MigrationRequiredError(message), 'MIGRATION_REQUIRED', {}],
  [new errors.QuiesceTimeoutError(message), 'QUIESCE_TIMEOUT', {}],
  [new errors.RefIntegrityError({ ...reference, message }), 'REF_INTEGRITY', reference],
  [new errors.RefScopeError('other/c'), 'REF_SCOPE', {}],
  [new errors.DanglingReferenceError({ ...dangling, message }), 'DANGLING_REFERENCE', dangling],
  [new errors.JoinTooLargeError({ ...sides, message }), 'JOIN_TOO_LARGE', sides],
  [
    new errors.GroupCardinalityError('f', 11, 10),
    'GROUP_CARDINALITY',
    { field: 'f', cardinality: 11, maxGroups: 10 },
  ],
  [
    new errors.RecordLockedError('c', 'i', 'issued'),
    'RECORD_LOCKED',
    { collection: 'c', id: 'i', reason: 'issued' },
  ],
  [new errors.PartitionExtractionError(message), 'PARTITION_EXTRACTION', {}],
  [new errors.TransferSealError(message), 'TRANSFER_SEAL', {}],
  [new errors.AdoptionStateError(message), 'ADOPTION_STATE', {}],
  [new errors.BundleIntegrityError(message), 'BUNDLE_INTEGRITY', {}],
  [new errors.UnknownShardError('north', 'group'), 'SHARD_UNKNOWN', { partitionKey: 'north' }],
  [new errors.ShardProvisioningError('g--north', 'north'), 'SHARD_PROVISIONING', { vaultId: 'g--north' }],
  [new errors.VaultTemplateNotFoundError('books'), 'VAULT_TEMPLATE_NOT_FOUND', { templateName: 'books' }],
  [new errors.ReservedVaultNameError('__x__'), 'RESERVED_VAULT_NAME', { vaultName: '__x__' }],
  [
    new errors.DataResidencyError('v', 'eu', undefined),
    'DATA_RESIDENCY',
    { vaultId: 'v', requiredRegion: 'eu', backendRegion: undefined },
  ],
  [new errors.CrossShardJoinError(message), 'CROSS_SHARD_JOIN', {}],
]

/** What every error has, so that what is left are its own members. */
const shared = new Set(['name', 'code', 'stack', 'message'])
const ownOf = (error: Error): Record<string, unknown> =>
  Object.fromEntries(Object.entries(error).filter(([key]) => !shared.has(key)))

describe('every error class', () => {
  it.each(table.map((row) => [row[0].constructor.name, ...row] as const))(
    '%s has its code, its name and its members',
    (name, error, code, own) => {
      expect(error).toBeInstanceOf(errors.NoydbError)
      expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({ name, code })
      expect(ownOf(error)).toStrictEqual(own)
      expect(error.message).not.toBe('')
    },
  )

  it('is in this table', () => {
    const listed = new Set(table.map(([error]) => error.constructor))
    expect([...listed].sort(byName)).toEqual(Object.values(errors).sort(byName))
  })
})

function byName(left: unknown, right: unknown): number {
  return String(left) < String(right) ? -1 : 1
}

describe('what is pinned beside the table', () => {
  it('messages given are the messages', () => {
    const made: errors.NoydbError[] = [
      new errors.ValidationError(message),
      new errors.ConflictError(1, message),
      new errors.NoAccessError(message),
      new errors.InvalidKeyError(message),
      new errors.KeyringCorruptError({ ...damaged, message }),
      new errors.DecryptionError(message),
      new errors.TamperedError(message),
      new errors.ReadOnlyError(message),
      new errors.PermissionDeniedError(message),
      new errors.PrivilegeEscalationError('c', message),
      new errors.ExportCapabilityError({ tier: 'bundle', userId: 'ann', message }),
      new errors.CrossShardJoinError(message),
    ]
    expect(made.map((error) => error.message)).toEqual(made.map(() => message))
  })

  it('a reserved name is named', () => {
    expect(new errors.ReservedVaultNameError('__noydb_users__').message).toContain('__noydb_users__')
    expect(new errors.StoreCapabilityError('listVaults', 'listAccessibleVaults', 'cloud').message).toContain(
      'cloud',
    )
  })

  it('the schema-update family is one', () => {
    const { SchemaFenceError, MigrationRequiredError, QuiesceTimeoutError, SchemaUpdateError } = errors
    for (const one of [SchemaFenceError, MigrationRequiredError, QuiesceTimeoutError])
      expect(new one(message)).toBeInstanceOf(SchemaUpdateError)
    expect(new errors.ValidationError()).not.toBeInstanceOf(SchemaUpdateError)
  })
})
