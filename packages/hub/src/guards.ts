/** Entry point `@noy-db/hub/guards`: rules about which records may still change. */
export { immutableGuard } from './guards/immutable-guard.ts'
export type { GuardStrategy, GuardStrategyHandle, ImmutableGuardConfig } from './types/guards.ts'
export type { GuardedWrite, GuardRun, WriteGuard } from './transaction/guard-point.ts'
