/** The hash-chained audit trail of a vault. */
import type { LongWork } from './collection.ts'

/** Versions before and after; 0 = absent. */
export interface AuditChange {
  readonly collection: string
  readonly id: string
  readonly before: number
  readonly after: number
}

export interface AuditEntry {
  /** From 1, without gaps. */
  readonly seq: number
  /** Transaction ULID. */
  readonly id: string
  readonly actor: string
  readonly command: string
  readonly reason?: string
  /** ISO-8601. */
  readonly time: string
  readonly changes: readonly AuditChange[]
  /** Reserved rows written with it, by sidecar name. */
  readonly sidecars: Readonly<Record<string, number>>
  /** True when the versions this transaction replaced were kept in `_history`. */
  readonly history?: boolean
  /** SHA-256 hex over collection, id, versions and stored ciphertext of every change. */
  readonly digest: string
  /** Hash of the entry before it; 64 zeros for the first. */
  readonly previous: string
  /** SHA-256 hex over all of the above. */
  readonly hash: string
}

export interface AuditProblem {
  readonly seq: number
  readonly kind:
    'missing-entry' | 'chain-broken' | 'entry-altered' | 'row-missing' | 'row-altered' | 'head-mismatch'
  readonly message: string
}

export interface AuditReport {
  readonly ok: boolean
  readonly entries: number
  /** Versions whose stored ciphertext was compared. */
  readonly versionsChecked: number
  readonly head: string
  readonly problems: readonly AuditProblem[]
}

export interface AuditApi {
  /** Newest first. `before` is a sequence number. */
  list(options?: { limit?: number; before?: number }): Promise<AuditEntry[]>
  verify(options?: LongWork): Promise<AuditReport>
}
