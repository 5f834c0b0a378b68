/** The key under which stored rows of a collection are read. */
import type { RowKey } from '../crypto/row-codec.ts'
import { DecryptionError, NoAccessError } from '../errors.ts'
import { assertMayRead, readsEverything } from '../keyring/roles.ts'
import type { VaultKeys } from '../keyring/vault-keys.ts'

/** Call it only where rows exist. @throws NoAccessError without a grant, DecryptionError when the key is lost */
export async function readingKey(keys: VaultKeys, collection: string): Promise<RowKey> {
  if (!collection.startsWith('_')) assertMayRead(keys, collection)
  const key = keys.held(collection) ?? (await keys.find(collection))
  if (key !== undefined) return key
  if (readsEverything(keys.role))
    throw new DecryptionError(`The key of ${collection} is missing from the keyring.`)
  throw new NoAccessError(`${keys.userId} holds no key for ${collection}.`)
}
