/** Several writes that belong together: one store transaction, one audit entry per vault touched. */
import type { DeleteOptions, LongWork, PutOptions } from './collection.ts'
import type { VaultApi } from './vault.ts'

export interface TransactionOptions extends LongWork {
  /** What the person did, for the audit trail: `conflicts.decide`. */
  command?: string
  reason?: string
}

/**
 * Address of a reserved row. With `collection` the row is encrypted under that collection's DEK
 * (who may not read the collection cannot read the row); without it, under the sidecar's own DEK.
 */
export interface SidecarKey {
  readonly collection?: string
  readonly key: string
}

export interface SidecarRow<T> {
  readonly key: SidecarKey
  readonly row: T
  readonly version: number
  readonly timestamp: string
}

/** Reserved rows of one kind inside a vault (`_conflicts`, `_imports`, `_bases`, …); written in transactions. */
export interface SidecarApi<T> {
  readonly name: string
  get(key: SidecarKey): Promise<SidecarRow<T> | null>
  getMany(keys: readonly SidecarKey[]): Promise<Array<SidecarRow<T> | null>>
  /** Keys without decrypting anything. */
  keys(filter?: { collection?: string }): Promise<SidecarKey[]>
  list(filter?: { collection?: string }): Promise<SidecarRow<T>[]>
}

export interface Transaction {
  /** ULID, also the audit entry's id. */
  readonly id: string
  /** What this transaction would leave: staged writes first, then the store. */
  get<T>(vault: VaultApi, collection: string, id: string): Promise<T | null>
  put<T>(vault: VaultApi, collection: string, id: string, record: T, options?: PutOptions): void
  delete(vault: VaultApi, collection: string, id: string, options?: DeleteOptions): void
  putSidecar<T>(
    vault: VaultApi,
    name: string,
    key: SidecarKey,
    row: T,
    options?: { expectedVersion?: number },
  ): void
  deleteSidecar(vault: VaultApi, name: string, key: SidecarKey): void
}
