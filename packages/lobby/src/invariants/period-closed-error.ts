import { RecordLockedError } from '@noy-db/hub'
import type { RowRef } from '../import/types.ts'
import type { ClosedThrough } from './period-book.ts'

/** A record of a closed period was to be written. Its code is that of every locked record, `RECORD_LOCKED`. */
export class PeriodClosedError extends RecordLockedError {
  readonly vault: string
  readonly period: string
  readonly closedBy: string
  /** ISO-8601. */
  readonly closedAt: string

  constructor({ vault, collection, id }: RowRef, { period, by, at }: ClosedThrough) {
    super(collection, id, `the period ${period} is closed`)
    this.vault = vault
    this.period = period
    this.closedBy = by
    this.closedAt = at
  }
}
