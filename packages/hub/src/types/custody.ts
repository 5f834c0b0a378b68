/** Custody: an owner whose secret lies sealed, a custodian who runs the vault, and how it is handed over. */
import type { GrantCustodianOptions, Permissions, RevokeOptions, Role } from './access.ts'

/** Seals the secret of an owner who is not there yet, in a key store, a safe or with a notary. */
export interface SealingKeyProvider {
  /** Written into the vault in clear. */
  readonly id: string
  seal(passphrase: Uint8Array): Promise<Uint8Array>
  /** Throws on anything this provider did not seal, or that was damaged. */
  unseal(sealed: Uint8Array): Promise<Uint8Array>
}

export interface DeedMarker {
  ownerUserId: string
  /** Id of the provider. */
  sealedUnder: string
  latent: true
  /** ISO-8601. */
  issuedAt: string
  liberatedAt?: string
}

export interface LiberateOptions {
  newOwnerId: string
  newOwnerPassphrase: string
  /** Why the vault is handed over; kept, encrypted, with the frozen copy and in the audit trail. */
  legalBasis: string
  factors?: unknown
}

export interface LiberateResult {
  snapshot: {
    withdrawalId: string
    /** Over every frozen envelope, see FORMAT.md section 3.7. */
    sha256: string
    recordCount: number
    frozenAt: string
  }
}

/** A keyring that was opened, without its keys. */
export interface UnlockedKeyring {
  readonly userId: string
  readonly displayName: string
  readonly role: Role
  readonly permissions: Permissions
  readonly vaultUlid: string
  /** It holds no data keys. */
  readonly latent: boolean
}

/** Implemented by class `CustodyApi`, as `vault.custody`. */
export interface VaultCustody {
  grantCustodian(options: GrantCustodianOptions, factors?: unknown): Promise<void>
  revokeCustodian(options: RevokeOptions, factors?: unknown): Promise<void>
  liberate(opts: LiberateOptions): Promise<LiberateResult>
}
