/** Agreements in the state vault: read past every cache, changed by compare-and-set, files and rows in one transaction. */
import { ConflictError, type NoydbApi, type Transaction } from '@noy-db/hub'
import type { Vault } from '@noy-db/hub/kernel'
import type { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import { StateRows, type Stored } from '../state-rows.ts'
import { SurfaceNotFoundError } from './errors.ts'

/** Each lost race is one attempt. */
const ATTEMPTS = 20

export interface SurfaceChange {
  /** Null leaves the row as it is. */
  readonly row: SurfaceRow | null
  /** More writes of the same transaction. */
  readonly also?: Alongside | undefined
}

/** Stages more writes; runs again where somebody else was faster. */
export type Alongside = (tx: Transaction) => void | Promise<void>

export class SurfaceStore {
  readonly vault: Vault
  readonly db: NoydbApi
  readonly #rows: StateRows<SurfaceRow>

  constructor(state: StateManagementVault) {
    this.vault = state._vault
    this.db = this.vault.noydb
    this.#rows = new StateRows(this.vault, 'surfaces')
  }

  find(id: string): Promise<Stored<SurfaceRow> | null> {
    return this.#rows.get(id)
  }

  /** @throws SurfaceNotFoundError */
  async get(id: string): Promise<SurfaceRow> {
    const stored = await this.#rows.get(id)
    if (stored === null) throw new SurfaceNotFoundError(id)
    return stored.row
  }

  list(): Promise<SurfaceRow[]> {
    return this.#rows.list()
  }

  /** On top of that version. */
  put(tx: Transaction, { row, version }: Stored<SurfaceRow>): void {
    this.#rows.put(tx, row.id, row, version)
  }

  /** `change` sees the row as it is stored, and runs again when somebody else was faster. */
  async change(
    id: string,
    command: string,
    change: (row: SurfaceRow | null) => SurfaceChange | Promise<SurfaceChange>,
  ): Promise<SurfaceRow> {
    for (let attempt = 1; ; attempt += 1) {
      const stored = await this.#rows.get(id)
      const { row, also } = await change(stored?.row ?? null)
      const kept = row ?? stored?.row
      if (kept === undefined) throw new SurfaceNotFoundError(id)
      if (row === null && also === undefined) return kept
      try {
        // Put even where it stays the same: its version is what keeps two writers of one agreement apart.
        await this.db.transaction(
          async (tx) => {
            this.#rows.put(tx, id, kept, stored?.version ?? 0)
            await also?.(tx)
          },
          { command },
        )
        return kept
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error
      }
    }
  }
}
