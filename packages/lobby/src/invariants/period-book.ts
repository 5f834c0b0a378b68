/** Which periods of a vault are closed: single months, and everything up to one, less the months that were reopened. */
import { ValidationError } from '@noy-db/hub'

const PERIOD = /^\d{4}-(0[1-9]|1[0-2])$/

export interface ClosedPeriod {
  readonly by: string
  /** ISO-8601. */
  readonly at: string
  readonly reason?: string
}

/** Every month up to `period`, that one included. */
export interface ClosedThrough extends ClosedPeriod {
  readonly period: string
}

/** The one row of sidecar `_periods`. */
export interface PeriodsRow {
  readonly months: Readonly<Record<string, ClosedPeriod>>
  readonly through?: ClosedThrough
  /** Months before `through.period` that are open again. */
  readonly reopened?: readonly string[]
}

/** What is asked of closed periods; a `Set` of months is one too. */
export type ClosedMonths = Pick<ReadonlySet<string>, 'has' | 'size'>

/** Months by name, or everything up to one; as "2026-05". */
export type Periods = readonly string[] | { readonly through: string }

export class PeriodBook implements ClosedMonths {
  /** Closed one by one. */
  readonly months: ReadonlyMap<string, ClosedPeriod>
  readonly through: ClosedThrough | null
  readonly reopened: ReadonlySet<string>

  constructor({ months, through, reopened = [] }: PeriodsRow) {
    this.months = new Map(Object.entries(months))
    this.through = through ?? null
    this.reopened = new Set(reopened)
  }

  /** 0 where nothing is closed. */
  get size(): number {
    return this.months.size + (this.through === null ? 0 : 1)
  }

  has(period: string): boolean {
    return this.closing(period) !== null
  }

  /** Who closed this period, and when; null where it is open. */
  closing(period: string): ClosedPeriod | null {
    const own = this.months.get(period)
    if (own !== undefined) return own
    const { through } = this
    if (through === null || period > through.period || this.reopened.has(period)) return null
    const { period: _last, ...closed } = through
    return closed
  }
}

/** Closing up to a month leaves nothing open before it. @throws ValidationError for what is no month */
export function withClosed(row: PeriodsRow, periods: Periods, closed: ClosedPeriod): PeriodsRow {
  if (isThrough(periods)) return closedThrough(row, assertMonth(periods.through), closed)
  const book = new PeriodBook(row)
  const months = periods.map(assertMonth).filter((period) => !book.has(period))
  return {
    ...row,
    months: { ...row.months, ...Object.fromEntries(months.map((period) => [period, closed])) },
    ...reopenedLess(row, (period) => months.includes(period)),
  }
}

function closedThrough(row: PeriodsRow, period: string, closed: ClosedPeriod): PeriodsRow {
  const goesOn = row.through === undefined || row.through.period < period
  return {
    // Who closed a single month before stays known.
    ...row,
    ...(goesOn && { through: { period, ...closed } }),
    ...reopenedLess(row, (one) => one <= period),
  }
}

function reopenedLess(
  { reopened }: PeriodsRow,
  closes: (period: string) => boolean,
): Pick<PeriodsRow, 'reopened'> {
  return reopened === undefined ? {} : { reopened: reopened.filter((period) => !closes(period)) }
}

/** @throws ValidationError for what is no month */
export function withReopened(row: PeriodsRow, periods: readonly string[]): PeriodsRow {
  const months = new Set(periods.map(assertMonth))
  const kept = Object.entries(row.months).filter(([period]) => !months.has(period))
  const { through, reopened = [] } = row
  const among = through === undefined ? [] : [...months].filter((period) => period <= through.period)
  return {
    ...row,
    months: Object.fromEntries(kept),
    ...(among.length > 0 && { reopened: [...new Set([...reopened, ...among])].sort() }),
  }
}

function isThrough(periods: Periods): periods is { readonly through: string } {
  return 'through' in periods
}

function assertMonth(period: string): string {
  if (!PERIOD.test(period)) throw new ValidationError(`"${period}" is no month, as 2026-05 is.`)
  return period
}
