import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import {
  type Failure,
  type FailureDetails,
  HostFailure,
  sentences,
  type SqliteStoreErrorCode,
} from '../failures.ts'

const codes: ReadonlyArray<readonly [sqlite: string, ours: SqliteStoreErrorCode]> = [
  ['SQLITE_FULL', 'STORE_FULL'],
  ['SQLITE_CORRUPT', 'STORE_CORRUPT'],
  ['SQLITE_NOTADB', 'STORE_CORRUPT'],
  ['SQLITE_READONLY', 'STORE_READ_ONLY'],
  ['SQLITE_BUSY', 'STORE_LOCKED'],
  ['SQLITE_LOCKED', 'STORE_LOCKED'],
  ['SQLITE_CANTOPEN', 'STORE_UNAVAILABLE'],
  ['SQLITE_IOERR', 'STORE_UNAVAILABLE'],
  ['SQLITE_PERM', 'STORE_UNAVAILABLE'],
  ['SQLITE_TOOBIG', 'STORE_BAD_ARGUMENT'],
  ['SQLITE_CONSTRAINT_DATATYPE', 'STORE_BAD_ARGUMENT'],
]

/** Any throw of the host as the one form that leaves it. */
export function failureFrom(error: unknown, file: string): Failure {
  if (error instanceof HostFailure) return error.failure
  const cause = error instanceof Error ? error : new Error(String(error))
  const sqlite = 'code' in cause ? String(cause.code) : ''
  const details: FailureDetails = { file, cause: cause.message, ...(sqlite === '' ? {} : { sqlite }) }
  const found = codes.find(([prefix]) => sqlite.startsWith(prefix))?.[1] ?? 'STORE_INTERNAL'
  const code = found === 'STORE_UNAVAILABLE' && isReadOnly(file) ? 'STORE_READ_ONLY' : found
  return { code, message: sentences[code], details }
}

/** SQLite says "cannot open" where the folder does not let it write its log. */
function isReadOnly(file: string): boolean {
  return [file, dirname(file)].some((path) => {
    try {
      accessSync(path, constants.W_OK)
      return false
    } catch (error) {
      return (
        error instanceof Error && 'code' in error && ['EACCES', 'EPERM', 'EROFS'].includes(String(error.code))
      )
    }
  })
}
