/** Who may do what in a vault: roles, grants, revocations. */
import type { LongWork } from './collection.ts'

export type Role = 'owner' | 'admin' | 'custodian' | 'operator' | 'viewer' | 'client'
export type Permissions = Record<string, 'rw' | 'ro'>

/** What may leave (or enter) the vault in clear, by format or `*`, and whether bundles may. */
export interface Capability {
  readonly plaintext?: readonly string[]
  readonly bundle?: boolean
}

export interface GrantOptions {
  readonly userId: string
  readonly displayName: string
  readonly role: Role
  /** The grantee's own secret: what they pass to `createNoydb` as `secret`. */
  readonly passphrase: string
  /** For operator and client, who read what is listed here and nothing else. */
  readonly permissions?: Permissions
  /** Plaintext: nothing unless said. Bundles: owner and admin unless said otherwise. */
  readonly exportCapability?: Capability
  readonly importCapability?: Capability
  /** ISO-8601; from then on the keyring does not open. */
  readonly expiresAt?: string
}

export type GrantCustodianOptions = Omit<GrantOptions, 'role'>

/** Progress counts stored rows that are sealed again. */
export interface RevokeOptions extends LongWork {
  readonly userId: string
  /**
   * New keys for everything the user could read, so that a copy of the old ones opens nothing written from
   * now on. Default true; false only takes the keyring away, and the next rotation catches up.
   */
  readonly rotateKeys?: boolean
}

export interface ExportCapabilityChange {
  readonly userId: string
  /** Null = what the role has by default. */
  readonly exportCapability: Capability | null
}
