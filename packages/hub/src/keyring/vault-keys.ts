/** What a vault needs of its keyring, with and without encryption. */
import { generateULID } from '../ids.ts'
import { RowCodec, type RowKey } from '../crypto/row-codec.ts'
import type { Capability } from '../types/access.ts'
import type { TxOp } from '../types/store.ts'
import type { Holder } from './roles.ts'

/** Keys minted for a transaction: usable at once, stored with it, forgotten when it fails. */
export interface StagedKeys {
  readonly ops: readonly TxOp[]
  forget(): void
}

export const noStagedKeys: StagedKeys = { ops: [], forget: () => undefined }

export interface VaultKeys extends Holder {
  /** Of the vault; in plaintext mode of the session, where it binds nothing. */
  readonly vaultUlid: string
  readonly encrypted: boolean
  readonly codec: RowCodec
  /** One more after each rotation of keys. */
  readonly generation: number
  readonly exportCapability: Capability | undefined
  /** The key if it is in memory; undefined when it is not (yet). */
  held(collection: string): RowKey | undefined
  /** Looks further: a key minted by another session or user. Undefined when there is none for this user. */
  find(collection: string): Promise<RowKey | undefined>
  /** Mints what is missing. @throws NoAccessError for a role that may not, DecryptionError over existing rows. */
  ensure(collections: Iterable<string>): Promise<void>
  /** The same as part of a transaction: a write that fails leaves no key behind. Needs a store with `tx`. */
  stage(collections: Iterable<string>): Promise<StagedKeys>
  /** Goes with every transaction, and fails it with a ConflictError when the keys have been rotated meanwhile. */
  readonly fence: readonly TxOp[]
  /** Takes over rotated keys; true when there were some. @throws NoAccessError when this user was left out */
  renew(): Promise<boolean>
  /** Takes over what an owner has signed anew about this user: role, capabilities. */
  rereadClaims(): Promise<void>
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
    generation: 1,
    exportCapability: undefined,
    held: () => null,
    find: () => Promise.resolve(null),
    ensure: () => Promise.resolve(),
    stage: () => Promise.resolve(noStagedKeys),
    fence: [],
    renew: () => Promise.resolve(false),
    rereadClaims: () => Promise.resolve(),
    drop: () => undefined,
  }
}
