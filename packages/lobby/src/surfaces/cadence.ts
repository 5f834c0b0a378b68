/** Where a surface stands in its rhythm: pure, by its row and what the runner has noted. */
import type { SurfaceRow } from '../federation/registry/types.ts'
import { isExpired } from './agreement-row.ts'

/** Row of the state vault's `surfaceCadence`, one per surface. */
export interface CadenceRow {
  readonly surface: string
  /** Failures since the last success. */
  readonly failures: number
  /** Not before this; milliseconds since the epoch. */
  readonly retryAt?: number
  readonly lastAttemptAt?: number
  readonly lastError?: { readonly code: string; readonly message: string }
  /** Who is at it, and when that one was last heard of. */
  readonly running?: { readonly owner: string; readonly since: number }
}

/** `off`: manual, not agreed, or over. */
export type CadenceStatus = 'off' | 'waiting' | 'due' | 'late' | 'backing off'

export interface Cadence {
  readonly surface: string
  readonly status: CadenceStatus
  /** Milliseconds since the epoch; absent when off. */
  readonly dueAt?: number
  /** Whole periods that have passed since then. */
  readonly missed: number
  readonly failures: number
  readonly retryAt?: number
  readonly lastError?: CadenceRow['lastError']
}

export interface CadenceOptions {
  /** How long after its time a sync is not yet late. */
  readonly graceMs: number
  /** The longest pause after failures. */
  readonly mostBackoffMs: number
}

export function cadenceOf(
  row: SurfaceRow,
  noted: CadenceRow | null,
  now: number,
  options: CadenceOptions,
): Cadence {
  const { failures = 0, lastError } = noted ?? {}
  const common = { surface: row.id, failures, ...(lastError !== undefined && { lastError }) }
  if (row.cadenceMs === undefined || row.status !== 'agreed' || isExpired(row, now))
    return { ...common, status: 'off', missed: 0 }
  const dueAt = dueTime(row, now, options)
  const missed = now < dueAt ? 0 : Math.floor((now - dueAt) / row.cadenceMs)
  const retryAt = retryTime(noted, now, options)
  const timed = { ...common, dueAt, missed }
  if (now < dueAt) return { ...timed, status: 'waiting' }
  if (retryAt !== undefined) return { ...timed, status: 'backing off', retryAt }
  return { ...timed, status: now > dueAt + options.graceMs ? 'late' : 'due' }
}

/** A sync that lies in the future was noted by a clock that has been set back since: the next one is due now. */
function dueTime(row: SurfaceRow, now: number, { graceMs }: CadenceOptions): number {
  const { lastSyncAt, nextSyncDueAt = 0, agreedAt, createdAt } = row
  if (lastSyncAt === undefined) return Math.min(agreedAt ?? createdAt, now)
  return lastSyncAt > now + graceMs ? now : nextSyncDueAt
}

/** A pause that is longer than any pause is one of those, too. */
function retryTime(
  noted: CadenceRow | null,
  now: number,
  { mostBackoffMs }: CadenceOptions,
): number | undefined {
  const retryAt = noted?.retryAt
  return retryAt === undefined || retryAt <= now || retryAt > now + mostBackoffMs ? undefined : retryAt
}
