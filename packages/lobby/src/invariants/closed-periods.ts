/** Closed accounting periods of vaults, kept in sidecar `_periods`: read, closed and reopened. `PeriodLock` holds them. */
import type { NoydbApi, VaultApi } from '@noy-db/hub'
import {
  PeriodBook,
  withClosed,
  withReopened,
  type ClosedPeriod,
  type Periods,
  type PeriodsRow,
} from './period-book.ts'

const PERIODS = '_periods'
const ROW = { key: 'closed' }
const NOTHING: PeriodsRow = { months: {} }

export async function periodBook(vault: VaultApi): Promise<PeriodBook> {
  const stored = await vault.sidecar<PeriodsRow>(PERIODS).get(ROW)
  return new PeriodBook(stored?.row ?? NOTHING)
}

/** Months that were closed one by one, as "2026-05"; `periodBook` knows those closed up to one as well. */
export async function closedPeriods(vault: VaultApi): Promise<ReadonlyMap<string, ClosedPeriod>> {
  return (await periodBook(vault)).months
}

interface Why {
  readonly reason?: string
}

/**
 * Of all these vaults, in one transaction.
 * @throws ValidationError for what is no month, ConflictError where somebody else changed them meanwhile
 */
export async function closePeriods(
  db: NoydbApi,
  vaults: readonly VaultApi[],
  periods: Periods,
  options: Why = {},
): Promise<void> {
  const { reason } = options
  const at = new Date().toISOString()
  await change(db, vaults, { command: 'periods.close', ...options }, (row, { userId }) =>
    withClosed(row, periods, { by: userId, at, ...(reason !== undefined && { reason }) }),
  )
}

/** @throws as `closePeriods` does */
export async function reopenPeriods(
  db: NoydbApi,
  vaults: readonly VaultApi[],
  periods: readonly string[],
  options: Why = {},
): Promise<void> {
  await change(db, vaults, { command: 'periods.reopen', ...options }, (row) => withReopened(row, periods))
}

export function closePeriod(db: NoydbApi, vault: VaultApi, period: string, options: Why = {}): Promise<void> {
  return closePeriods(db, [vault], [period], options)
}

export function reopenPeriod(
  db: NoydbApi,
  vault: VaultApi,
  period: string,
  options: Why = {},
): Promise<void> {
  return reopenPeriods(db, [vault], [period], options)
}

async function change(
  db: NoydbApi,
  vaults: readonly VaultApi[],
  options: Why & { readonly command: string },
  changed: (row: PeriodsRow, vault: VaultApi) => PeriodsRow,
): Promise<void> {
  const rows: { vault: VaultApi; row: PeriodsRow; version: number }[] = []
  for (const vault of vaults) {
    const stored = await vault.sidecar<PeriodsRow>(PERIODS).get(ROW)
    rows.push({ vault, row: changed(stored?.row ?? NOTHING, vault), version: stored?.version ?? 0 })
  }
  await db.transaction((tx) => {
    for (const { vault, row, version } of rows)
      tx.putSidecar(vault, PERIODS, ROW, row, { expectedVersion: version })
  }, options)
}
