import type { AppErrorCode, WireError } from '../../src-shared/ipc/errors.ts'

/** The one form an error has after the boundary. Screens branch on `code`. */
export class CallError extends Error {
  readonly code: AppErrorCode
  readonly details: Readonly<Record<string, unknown>>
  /** Names the log entry of an unexpected failure. */
  readonly ref: string | undefined

  constructor(error: WireError) {
    super(error.message)
    this.name = 'CallError'
    this.code = error.code
    this.details = error.details ?? {}
    this.ref = error.ref
  }
}

/** Anything thrown, as a CallError: a fault on our side of the boundary counts as INTERNAL. */
export function toCallError(error: unknown): CallError {
  if (error instanceof CallError) return error
  return new CallError({ code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) })
}

export function isCode(error: unknown, ...codes: readonly AppErrorCode[]): boolean {
  return error instanceof CallError && codes.includes(error.code)
}
