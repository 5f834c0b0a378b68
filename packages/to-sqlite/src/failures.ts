/**
 * What can go wrong, as plain data: it crosses the port to the storage host, where no class survives.
 * Each sentence says what happened, what was not changed, and what to do.
 */
export type SqliteStoreErrorCode =
  | 'STORE_TOO_NEW'
  | 'STORE_LOCKED'
  | 'STORE_READ_ONLY'
  | 'STORE_FULL'
  | 'STORE_CORRUPT'
  | 'STORE_FOREIGN'
  | 'STORE_NOT_FOUND'
  | 'STORE_UNAVAILABLE'
  | 'STORE_CLOSED'
  | 'STORE_HOST_FAILED'
  | 'STORE_BAD_ARGUMENT'
  | 'STORE_INTERNAL'

export type FailureDetails = Readonly<Record<string, unknown>>

/** A failed call on its way to the caller. `CONFLICT` carries the version the store holds. */
export interface Failure {
  readonly code: SqliteStoreErrorCode | 'CONFLICT'
  readonly message: string
  readonly details: FailureDetails
}

/** Thrown inside the host; only its `failure` leaves it. */
export class HostFailure extends Error {
  readonly failure: Failure

  constructor(code: Failure['code'], message: string, details: FailureDetails = {}) {
    super(message)
    this.failure = { code, message, details }
  }
}

/** The sentence for a code when the place it happened has nothing more precise to say. */
export const sentences: Record<SqliteStoreErrorCode, string> = {
  STORE_TOO_NEW:
    'This workspace was written by a newer version of the program. Nothing was changed. Update the program, then open it again.',
  STORE_LOCKED:
    'This workspace is open elsewhere. Nothing was changed. Close it there, then open it again here.',
  STORE_READ_ONLY:
    'The workspace cannot be written: the file or its folder is read-only. Nothing was changed. Allow writing there, or move the workspace.',
  STORE_FULL:
    'The disk is full. This change was not saved; everything saved before is still there. Free some space and try again.',
  STORE_CORRUPT:
    'The workspace file is damaged. Nothing was changed. Keep a copy of the file and restore the latest backup.',
  STORE_FOREIGN:
    'This file belongs to another program. It was left as it is. Choose another file for the workspace.',
  STORE_NOT_FOUND:
    'There is no workspace at this place. Nothing was created. Check the path, or whether the drive is connected.',
  STORE_UNAVAILABLE:
    'The workspace file cannot be read or written just now. This change was not saved. Check the path and the drive, then try again.',
  STORE_CLOSED: 'The workspace is closed. This call changed nothing. Open the workspace again.',
  STORE_HOST_FAILED:
    'The storage process stopped. Changes that were confirmed are saved; those still waiting may not be. Open the workspace again.',
  STORE_BAD_ARGUMENT: 'The store cannot keep this value. Nothing was changed.',
  STORE_INTERNAL:
    'The store failed in a way it does not know. This change was not saved. Open the workspace again; if it stays, report the details.',
}
