/** Closing and reopening periods of clients, and what was written against them. */
import { closePeriods, type PeriodBook, reopenPeriods } from '@klum-db/lobby'
import type { VaultApi } from '@noy-db/hub'
import type { InputOf, OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { ClosedPeriodView, PeriodBookView } from '../../../src-shared/ipc/periods.ts'
import type { Emit } from '../options.ts'
import { personName } from '../people.ts'
import type { Open, Session } from '../session.ts'
import type { PeriodBooks } from './books.ts'
import { exceptionPage, type ExceptionsRequest } from './exceptions.ts'

export interface PeriodsService {
  get(vaultId: string): Promise<PeriodBookView>
  close(request: InputOf<'periods.close'>): Promise<void>
  reopen(request: InputOf<'periods.reopen'>): Promise<void>
  exceptions(request: ExceptionsRequest): Promise<OutputOf<'periods.exceptions'>>
}

export function createPeriods(session: Session, books: PeriodBooks, emit: Emit): PeriodsService {
  const changed = (vaultIds: readonly string[]): void => {
    books.forget(vaultIds)
    emit('clients:changed', { vaultIds })
  }
  return {
    get: (vaultId) =>
      session.use(async (open) => {
        await open.vault(vaultId) // known here, or refused
        const book = await books.of(open, vaultId)
        return book === null ? nothingClosed : bookView(open, book)
      }),
    close: ({ vaultIds, periods, reason = '' }) =>
      session.use(async (open) => {
        const vaults = await vaultsOf(open, vaultIds)
        const why = reason === '' ? {} : { reason }
        await closePeriods(open.db, vaults, 'months' in periods ? periods.months : periods, why)
        changed(vaultIds)
      }),
    reopen: ({ vaultIds, months, reason }) =>
      session.use(async (open) => {
        await reopenPeriods(open.db, await vaultsOf(open, vaultIds), months, { reason })
        changed(vaultIds)
      }),
    exceptions: (request) => session.use((open) => exceptionPage(open, request)),
  }
}

/** @throws AppError NOT_FOUND where one of them is no client; then nothing is changed for any */
async function vaultsOf(open: Open, vaultIds: readonly string[]): Promise<VaultApi[]> {
  const vaults: VaultApi[] = []
  for (const vaultId of new Set(vaultIds)) vaults.push(await open.vault(vaultId))
  return vaults
}

const nothingClosed: PeriodBookView = { through: null, months: [], reopened: [] }

function bookView(open: Open, { months, through, reopened }: PeriodBook): PeriodBookView {
  const latestFirst = [...months].sort(([a], [b]) => (a < b ? 1 : -1))
  return {
    through: through === null ? null : closedView(open, through.period, through),
    months: latestFirst.map(([period, closed]) => closedView(open, period, closed)),
    reopened: [...reopened].sort().reverse(),
  }
}

export function closedView(
  open: Open,
  period: string,
  { by, at, reason }: { readonly by: string; readonly at: string; readonly reason?: string },
): ClosedPeriodView {
  return { period, by: personName(open, by) ?? by, at, reason: reason ?? null }
}
