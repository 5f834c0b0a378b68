/** A query source over arrays, for the tests beside it. */
import type { RefDescriptor } from '../types/schema.ts'
import type { QueryRow, QuerySource } from './source.ts'

export interface FixtureSource<T> extends QuerySource<T> {
  rows: QueryRow<T>[]
  hydrated: boolean
  change(): void
}

export interface FixtureOptions {
  name?: string
  isLarge?: boolean
  refs?: Record<string, RefDescriptor>
  others?: Record<string, QuerySource<unknown>>
}

export function fixtureSource<T extends { id: string }>(
  records: readonly T[],
  { name = 'invoices', isLarge = false, refs = {}, others = {} }: FixtureOptions = {},
): FixtureSource<T> {
  const watchers = new Set<() => void>()
  return {
    name,
    isLarge,
    hydrated: false,
    rows: records.map((record) => ({ id: record.id, record })),
    snapshot() {
      return this.hydrated && !isLarge ? this.rows : []
    },
    async hydrate() {
      this.hydrated = true
    },
    async *scan() {
      yield* this.rows
    },
    find: () => Promise.resolve(null),
    subscribe(onChange) {
      watchers.add(onChange)
      return () => void watchers.delete(onChange)
    },
    change() {
      for (const watcher of [...watchers]) watcher()
    },
    refFor: (field) => refs[field] ?? null,
    rightSide: (collection) => others[collection] ?? null,
  }
}
