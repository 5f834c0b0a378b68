/** The row of a lease: reserved, so that renewing it is no change of a record and no business of the audit trail. */
import { STATE_VAULT_NAME, type SidecarRow, type Transaction } from '@noy-db/hub'
import type { Noydb, Vault } from '@noy-db/hub/kernel'
import type { LeaseRow } from './types.ts'

const LEASES = '_leases'

export class LeaseRows {
  readonly #db: Noydb
  readonly #vault: Vault
  /** Keeps no history and no audit: a sign of life every few seconds tells nobody anything later. */
  readonly #quiet: Noydb

  constructor(db: Noydb, vault: Vault) {
    this.#db = db
    this.#vault = vault
    this.#quiet = db.over(db._store, { history: false, audit: false })
  }

  get user(): string {
    return this.#vault.userId
  }

  static read(vault: Vault, group: string): Promise<SidecarRow<LeaseRow> | null> {
    return vault.sidecar<LeaseRow>(LEASES).get({ key: group })
  }

  read(group: string): Promise<SidecarRow<LeaseRow> | null> {
    return LeaseRows.read(this.#vault, group)
  }

  /** Stages the row on top of that version. */
  put(tx: Transaction, group: string, row: LeaseRow, expectedVersion: number): void {
    tx.putSidecar(this.#vault, LEASES, { key: group }, row, { expectedVersion })
  }

  transaction(command: string, work: (tx: Transaction) => Promise<void> | void): Promise<void> {
    return this.#db.transaction(work, { command })
  }

  async beat(group: string, row: LeaseRow, expectedVersion: number): Promise<void> {
    const vault = await this.#quiet.openVault(STATE_VAULT_NAME, { create: false })
    await this.#quiet.transaction((tx) => {
      tx.putSidecar(vault, LEASES, { key: group }, row, { expectedVersion })
    })
  }

  close(): void {
    this.#quiet.close()
  }
}
