/** Turns whatever was thrown into what may cross the wire. Unknown failures keep their story in the log, by reference. */
import { randomBytes } from 'node:crypto'
import type { WireError } from '../../src-shared/ipc/errors.ts'
import { toAppError } from '../console/app-error.ts'

/** Receives unexpected failures only; coded errors are answers, not incidents. */
export type ErrorLog = (ref: string, error: unknown) => void

export function encodeError(thrown: unknown, log: ErrorLog): WireError {
  const error = toAppError(thrown)
  const wire: WireError = { code: error.code, message: error.message }
  if (error.details !== undefined) wire.details = error.details
  if (error.code === 'INTERNAL') {
    wire.ref = randomBytes(4).toString('hex')
    log(wire.ref, thrown)
  }
  return wire
}

/** Writes to standard error, which both hosts keep. */
export function logToStandardError(ref: string, error: unknown): void {
  const story = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`[${new Date().toISOString()}] ${ref} ${story}\n`)
}
