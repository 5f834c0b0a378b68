/**
 * Closed periods of the clients, read once and kept until they are changed here: no other process has the workspace open.
 * What judges and shows reads these; the guard reads the vault itself.
 */
import { periodBook, type PeriodBook } from '@klum-db/lobby'
import { monthsLater } from '../../../src-shared/model/period.ts'
import type { Open } from '../session.ts'

export interface PeriodBooks {
  /** Null for a client that is not made yet. */
  of(open: Open, vaultId: string): Promise<PeriodBook | null>
  forget(vaultIds: readonly string[]): void
  readonly clear: () => void
}

export function createPeriodBooks(): PeriodBooks {
  const known = new Map<string, Promise<PeriodBook>>()
  return {
    async of(open, vaultId) {
      if (!open.templateNames.has(vaultId)) return null
      const book = known.get(vaultId) ?? read(open, vaultId)
      known.set(vaultId, book)
      book.catch(() => known.delete(vaultId)) // asked again, it may answer
      return book
    },
    forget: (vaultIds) => {
      for (const vaultId of vaultIds) known.delete(vaultId)
    },
    clear: () => {
      known.clear()
    },
  }
}

/** Its collections are not declared for this: a list of clients opens every vault. */
async function read({ db }: Open, vaultId: string): Promise<PeriodBook> {
  return periodBook(await db.openVault(vaultId, { create: false }))
}

/** The latest month that is closed; null where none is. */
export function lastClosed({ months, through, reopened }: PeriodBook): string | null {
  const closed = [...months.keys(), ...(through === null ? [] : [lastThrough(through.period, reopened)])]
  return closed.sort().at(-1) ?? null
}

function lastThrough(period: string, reopened: ReadonlySet<string>): string {
  let last = period
  while (reopened.has(last)) last = monthsLater(last, -1)
  return last
}
