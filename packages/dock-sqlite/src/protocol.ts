/** What passes between the caller and the host, one request at a time. */
import type { ForeignDatabaseFailure, ForeignTable, ForeignValue } from '@klum-db/lobby'

export interface Calls {
  readonly open: (path: string, maxBytes: number, maxChars: number) => void
  readonly tables: () => readonly ForeignTable[]
  /** Starts a scan; the one before it ends. */
  readonly scan: (table: string) => void
  /** The next rows of the scan; none = it is over. */
  readonly next: () => readonly (readonly ForeignValue[])[]
  readonly close: () => void
}

export type CallName = keyof Calls

export type Request = { readonly call: CallName; readonly args: readonly unknown[] }

export type Reply =
  | { readonly value: unknown; readonly failure?: undefined }
  | { readonly failure: ForeignDatabaseFailure; readonly value?: undefined }

/** Thrown on both sides; the lobby reads `failure`. */
export class ForeignFailure extends Error {
  readonly failure: ForeignDatabaseFailure

  constructor(kind: ForeignDatabaseFailure['kind'], message: string) {
    super(message)
    this.name = 'ForeignFailure'
    this.failure = { kind, message }
  }
}
