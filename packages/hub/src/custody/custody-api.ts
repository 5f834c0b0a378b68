/** `vault.custody`: what owner and custodian of one vault do about it. */
import type { GrantCustodianOptions, RevokeOptions } from '../types/access.ts'
import type { LiberateOptions, LiberateResult, VaultCustody } from '../types/custody.ts'
import type { VaultApi } from '../types/vault.ts'
import { liberateVault } from './liberate.ts'

export class CustodyApi implements VaultCustody {
  readonly #vault: VaultApi

  /** Of an open vault; use `vault.custody`. */
  constructor(vault: VaultApi) {
    this.#vault = vault
  }

  /** @throws PermissionDeniedError unless the caller is an owner */
  async grantCustodian(options: GrantCustodianOptions, factors?: unknown): Promise<void> {
    await this.#vault.noydb.grantCustodian(this.#vault.name, options, factors)
  }

  /** @throws PermissionDeniedError unless the caller is an owner, and for somebody who is no custodian */
  async revokeCustodian(options: RevokeOptions, factors?: unknown): Promise<void> {
    await this.#vault.noydb.revokeCustodian(this.#vault.name, options, factors)
  }

  /** See `liberateVault`. */
  async liberate(opts: LiberateOptions): Promise<LiberateResult> {
    return liberateVault(this.#vault, opts)
  }
}
