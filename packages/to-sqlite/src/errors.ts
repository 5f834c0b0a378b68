import { ConflictError, NoydbError } from '@noy-db/hub/store'
import { type Failure, type FailureDetails, sentences, type SqliteStoreErrorCode } from './failures.ts'

export type { SqliteStoreErrorCode } from './failures.ts'

/** Everything this store raises but `ConflictError`. Branch on `code`; `details` may name the owner, file or SQLite code. */
export class SqliteStoreError extends NoydbError {
  declare readonly code: SqliteStoreErrorCode
  readonly details: FailureDetails

  constructor(code: SqliteStoreErrorCode, message = sentences[code], details: FailureDetails = {}) {
    super(code, message)
    this.details = details
  }
}

/** The error a caller sees for a failure that came over the port. */
export function errorFromFailure({ code, message, details }: Failure): NoydbError {
  if (code === 'CONFLICT') return new ConflictError(Number(details.version))
  return new SqliteStoreError(code, message, details)
}

/** Half a surrogate pair has no UTF-8 form: stored, it would come back as another text. */
export const isStorable = (text: string): boolean => text.isWellFormed()

/** Refuses a value before it leaves the caller's thread. */
export function refuse(reason: string): never {
  throw new SqliteStoreError('STORE_BAD_ARGUMENT', `${reason} Nothing was changed.`)
}
