/** Which periods a person closes: a month, a quarter, a year, or everything up to one. */
import type { InputOf } from '../../src-shared/ipc/contract.ts'
import { monthsAround, monthsLater, type PeriodKind, periodName } from '../../src-shared/model/period.ts'

type Periods = InputOf<'periods.close'>['periods']

export class PeriodChoice {
  kind: PeriodKind | 'through' = $state('month')
  /** A month that lies in it. */
  month: string = $state('')
  reason = $state('')

  /** Suggests the month before this one: what is closed at month end. */
  constructor(now = new Date()) {
    this.month = monthsLater(now.toISOString().slice(0, 7), -1)
  }

  readonly valid = $derived(/^\d{4}-(0[1-9]|1[0-2])$/.test(this.month))

  get periods(): Periods {
    return this.kind === 'through' ? { through: this.month } : { months: monthsAround(this.kind, this.month) }
  }

  /** "March 2026", "Q1 2026", "everything up to March 2026". */
  words(locale: string): string {
    if (!this.valid) return 'a period'
    if (this.kind === 'through') return `everything up to ${periodName(this.month, locale)}`
    return periodName(this.month, locale, this.kind)
  }
}
