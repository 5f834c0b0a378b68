/** Guards: rules that see every write to a collection, in every vault of an instance, and may refuse it. */
import type { WriteGuard } from '../transaction/guard-point.ts'

export interface GuardStrategy<T = Record<string, unknown>> extends WriteGuard {
  /** Whether a stored record may not change any more; for whoever wants to show it. */
  isFinal?(record: T): boolean
}

/** What `createNoydb({ guardStrategies })` takes. */
export interface GuardStrategyHandle<T = Record<string, unknown>> {
  readonly __noydb_strategy: 'guard'
  readonly spec: GuardStrategy<T>
}

export interface ImmutableGuardConfig<T> {
  readonly collection: string
  /** The stored record is final once this says so. */
  readonly after?: (record: T) => boolean
  /** Every stored record is final. */
  readonly appendOnly?: boolean
  /**
   * These roles may amend a final record when they say why: a write of theirs with a `reason` passes, and the reason stands
   * in the audit trail. Without one they are refused like others.
   */
  readonly amendmentRoles?: ReadonlyArray<'admin' | 'owner'>
}
