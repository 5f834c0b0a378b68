/**
 * Names of groups and shards. A shard's vault id is group name, `--`, partition key: since neither holds `--` and a group
 * does not end in a hyphen, every id comes from exactly one pair.
 */
import { ReservedVaultNameError, STATE_VAULT_NAME, ValidationError } from '@noy-db/hub'
import { generateULID } from '@noy-db/hub/kernel'

const SEPARATOR = '--'
const SAFE_KEY = /^[A-Za-z0-9._-]+$/
const GROUP_BYTES = 128

/** @throws ReservedVaultNameError, ValidationError */
export function checkGroupName(name: string): void {
  if (name === STATE_VAULT_NAME) throw new ReservedVaultNameError(name)
  if (name === '' || Buffer.byteLength(name) > GROUP_BYTES)
    throw new ValidationError(`A group name has 1 to ${GROUP_BYTES} bytes.`)
  if (name.includes(SEPARATOR)) throw new ValidationError(`A group name holds no "--": "${name}".`)
  if (name.endsWith('-'))
    throw new ValidationError(
      `A group name does not end in a hyphen, or two clients could share a vault: "${name}".`,
    )
  if (/[\p{Cc}/]/u.test(name))
    throw new ValidationError(`A group name holds no slash and no control character.`)
}

/** @throws ReservedVaultNameError, ValidationError */
function checkPartitionKey(key: string): void {
  if (key === '') throw new ValidationError('A partition key is not empty.')
  if (key === STATE_VAULT_NAME) throw new ReservedVaultNameError(key)
  if (!SAFE_KEY.test(key))
    throw new ValidationError(
      `"${key}" is no partition key: map it to letters, digits, ".", "_" and "-" in keyOf.`,
    )
  if (key.includes(SEPARATOR)) throw new ValidationError(`A partition key holds no "--": "${key}".`)
}

/** Also the id of the registry row. @throws ReservedVaultNameError, ValidationError */
export function shardVaultId(group: string, key: string): string {
  checkPartitionKey(key)
  return group + SEPARATOR + key
}

export function isShardOf(group: string, vault: string): boolean {
  return vault.startsWith(group + SEPARATOR)
}

/** The partition key in a shard's vault id. */
export function keyInVaultId(group: string, vaultId: string): string {
  return vaultId.slice(group.length + SEPARATOR.length)
}

/** A partition key that says nothing about the client; the name goes to `createShard`'s `displayName`, encrypted in the shard. */
export function newPartitionKey(): string {
  return generateULID().toLowerCase()
}
