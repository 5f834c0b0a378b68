/** Query builder, reducers and live results. */

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'contains' | 'startsWith' | 'between'
export type JoinStrategy = 'hash' | 'nested'

/** `state` is created by `init`, advanced per record, turned into the result by `finalize`. */
export interface Reducer<R, S = R> {
  init(): S
  step(state: S, record: unknown): S
  remove?(state: S, record: unknown): S
  /** Combine two partial states; present on all built-in reducers. */
  merge?(left: S, right: S): S
  finalize(state: S): R
}

// The state type is private to each reducer, so a spec of mixed reducers can only be written with `any` here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
export type AggregateSpec = Readonly<Record<string, Reducer<any, any>>>

export type AggregateResult<Spec extends AggregateSpec> = {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the state type is private to the reducer
  [K in keyof Spec]: Spec[K] extends Reducer<infer R, any> ? R : never
}

export interface LiveQuery<T> {
  readonly value: readonly T[]
  readonly error: Error | null
  subscribe(cb: () => void): () => void
  stop(): void
}

export interface LiveAggregation<R> {
  readonly value: R | undefined
  readonly error: unknown
  subscribe(cb: () => void): () => void
  stop(): void
}

export interface QueryJoinOptions<As extends string> {
  as: As
  strategy?: JoinStrategy
  maxRows?: number
}

/** Immutable: every method but the terminals returns a new query. Implemented by class `Query`. */
export interface QueryApi<T> {
  where(field: string, op: Operator, value: unknown): QueryApi<T>
  filter(fn: (record: T) => boolean): QueryApi<T>
  and(build: (q: QueryApi<T>) => QueryApi<T>): QueryApi<T>
  or(build: (q: QueryApi<T>) => QueryApi<T>): QueryApi<T>
  orderBy(field: string, direction?: 'asc' | 'desc'): QueryApi<T>
  limit(n: number): QueryApi<T>
  offset(n: number): QueryApi<T>
  /** Synchronous, from the cache as it is. @throws ValidationError on a `large` collection. */
  toArray(): T[]
  first(): T | null
  count(): number
  /** Asynchronous terminals: hydrate first, work on every collection. */
  run(): Promise<T[]>
  stream(): AsyncIterable<T>
  /** The same with storage ids, some rows at a time. */
  chunks(): AsyncIterable<readonly { readonly id: string; readonly record: T }[]>
  subscribe(cb: (rows: T[]) => void): () => void
  live(): LiveQuery<T>
}
