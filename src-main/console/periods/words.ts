/** What is said of a closed period: which, whose, since when. */
import { PeriodClosedError } from '@klum-db/lobby'
import { formatDate } from '../../../src-shared/model/dates.ts'
import { periodName } from '../../../src-shared/model/period.ts'
import { AppError } from '../app-error.ts'
import { clientNames } from '../clients/names.ts'
import type { Open } from '../session.ts'

export interface Closed {
  readonly client: string
  readonly period: string
  /** ISO-8601. */
  readonly at: string
}

/** "March 2026 is closed for Vins et alcools since 3 May 2026." */
export function closedWords({ client, period, at }: Closed, locale: string): string {
  return `${periodName(period, locale)} is closed for ${client} since ${formatDate(at.slice(0, 10), locale)}.`
}

/** A write that a closed period stopped, in words; null for any other error. */
export async function periodRefusal(open: Open, thrown: unknown, locale: string): Promise<AppError | null> {
  const found = closedIn(thrown)
  if (found === null) return null
  const { vault, period, closedAt } = found
  const client = (await clientNames(open.state))(vault)
  const closed = closedWords({ client, period, at: closedAt }, locale)
  const message = `${closed} Nothing was changed. Reopen the period, or say why it is written to all the same.`
  return Object.assign(new AppError('PERIOD_CLOSED', message, { closed, vault, period }), { cause: thrown })
}

/** An undo or an import passes on what stopped it. */
function closedIn(thrown: unknown): PeriodClosedError | null {
  if (thrown instanceof PeriodClosedError) return thrown
  return thrown instanceof Error && thrown.cause !== undefined ? closedIn(thrown.cause) : null
}
