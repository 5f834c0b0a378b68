/** Raised by the engine over many vaults; the classes live here so that there is one of each. */
import { NoydbError } from './base.ts'

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
