/** Where guards attach: each sees every write before validation and may refuse it by throwing. */
import type { Role } from '../types/vault.ts'

/** What guards are asked about together: the same object for each of those writes. */
export interface GuardRun {
  /** Rows of a sidecar that the same transaction writes in this vault. */
  staged(sidecar: string): readonly unknown[]
}

export interface GuardedWrite {
  readonly vault: string
  readonly collection: string
  readonly id: string
  readonly op: 'put' | 'delete'
  readonly role: Role
  /** Why, as the writer said it: of this write, else of its transaction. */
  readonly reason?: string
  /** The new record of a put, null for a delete. */
  readonly record: unknown
  readonly run: GuardRun
  /** The stored record, read from the store rather than the cache; null when absent. */
  existing(): Promise<unknown>
}

export interface WriteGuard {
  /** The collection it watches, in every vault. */
  readonly collection: string
  /** Which it watches, where that is more than one name or not known yet; `collection` is not asked then. */
  watches?(vault: string, collection: string): boolean
  check(write: GuardedWrite): void | Promise<void>
}
