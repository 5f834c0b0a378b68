/** What a vault needs of its keyring, with and without encryption. */
import { generateULID } from '../ids.ts'
import { RowCodec, type RowKey } from '../crypto/row-codec.ts'
import type { Capability } from './keyring-file.ts'
import type { Holder } from './roles.ts'

export interface VaultKeys extends Holder {
  /** Of the vault; in plaintext mode of the session, where it binds nothing. */
  readonly vaultUlid: string
  readonly encrypted: boolean
  readonly codec: RowCodec
  readonly exportCapability: Capability | undefined
  /** The key if it is in memory; undefined when it is not (yet). */
  held(collection: string): RowKey | undefined
  /** Looks further: a key minted by another session or user. Undefined when there is none for this user. */
  find(collection: string): Promise<RowKey | undefined>
  /** Mints what is missing. @throws NoAccessError for a role that may not, DecryptionError over existing rows. */
  ensure(collections: Iterable<string>): Promise<void>
  drop(): void
}

/** `encrypt: false`: every user is an owner and nothing is sealed. */
export function plainKeys(userId: string): VaultKeys {
  const vaultUlid = generateULID()
  return {
    userId,
    role: 'owner',
    permissions: {},
    vaultUlid,
    encrypted: false,
    codec: new RowCodec(vaultUlid),
    exportCapability: undefined,
    held: () => null,
    find: () => Promise.resolve(null),
    ensure: () => Promise.resolve(),
    drop: () => undefined,
  }
}
