/** One collection of a vault. */
import type { QueryApi } from './query.ts'

export interface PutOptions {
  /** Why, for the audit trail. */
  reason?: string
  /** Who supplied the value; kept only where the collection declares `provenance`. */
  source?: string
  /** When the source says it was so (ISO-8601). */
  sourceTs?: string
  /** Compare-and-set: the version the caller saw; 0 = must be absent. Absent = last write wins. */
  expectedVersion?: number
}

export interface DeleteOptions {
  reason?: string
  expectedVersion?: number
}

/** Clear members of a stored record's envelope. */
export interface RecordMetadata {
  readonly version: number
  /** ISO-8601 write time. */
  readonly timestamp: string
  readonly by?: string
  readonly source?: string
  readonly sourceTs?: string
}

/** A record with its storage id and metadata. */
export interface RecordEntry<T> {
  readonly id: string
  readonly record: T
  readonly metadata: RecordMetadata
}

export interface PutRow<T> {
  readonly id: string
  readonly record: T
  readonly options?: PutOptions
}

/** Work over many rows: told how far it is, and stopped before anything is written. */
export interface LongWork {
  signal?: AbortSignal
  onProgress?: (done: number, total: number) => void
}

/** Implemented by class `Collection`. */
export interface CollectionApi<T> {
  readonly name: string
  get(id: string): Promise<T | null>
  put(id: string, record: T, options?: PutOptions): Promise<void>
  delete(id: string, options?: DeleteOptions): Promise<void>
  list(): Promise<T[]>
  count(): Promise<number>
  query(): QueryApi<T>
  /** The validated, possibly coerced record; nothing is written. @throws SchemaValidationError */
  validateInput(record: T): Promise<T>
  getMetadata(id: string): Promise<RecordMetadata | null>
  /** Record, storage id and metadata together, from one read. */
  entry(id: string): Promise<RecordEntry<T> | null>
  entries(): Promise<RecordEntry<T>[]>
  /** All or nothing, in one store transaction. */
  putMany(rows: Iterable<PutRow<T>>, options?: PutOptions & LongWork): Promise<void>
  /** The stored versions of a record, newest first, the current one included. Needs `history`. */
  history(id: string): Promise<RecordEntry<T>[]>
  /** One stored version, or null where it was never kept. */
  version(id: string, version: number): Promise<RecordEntry<T> | null>
}
