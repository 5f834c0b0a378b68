/** What a query reads from; implemented by `Collection`. */
import type { Equality } from '../indexes/choose.ts'
import type { RefDescriptor } from '../types/schema.ts'

export interface QueryRow<T> {
  /** Storage id. */
  readonly id: string
  readonly record: T
}

export interface QuerySource<T> {
  readonly name: string
  /** Declared `large`: nothing is cached, only the asynchronous terminals work. */
  readonly isLarge: boolean
  /** The cached rows as they are now, in cache order; never hydrates, never touches the store. */
  snapshot(): readonly QueryRow<T>[]
  hydrate(): Promise<void>
  /** Every stored row, a few at a time. */
  scan(): AsyncIterable<QueryRow<T>>
  /** At least the rows that meet all of these, through an index; null when no declared index helps. */
  find(equalities: readonly Equality[]): Promise<AsyncIterable<QueryRow<T>> | null>
  /** Called after every write to this collection through the same instance. */
  subscribe(onChange: () => void): () => void
  refFor(field: string): RefDescriptor | null
  /** The collection of that name in the same vault, or null when it was not opened in this session. */
  rightSide(collection: string): QuerySource<unknown> | null
}
