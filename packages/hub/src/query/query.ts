/**
 * The query builder. Immutable: every method but the terminals gives a new query. The synchronous
 * terminals read the cache as it is; `run` and `stream` hydrate first and also serve `large` collections.
 * Records come out as the source holds them; whether they are copies is the source's decision.
 */
import { ValidationError } from '../errors.ts'
import { readPath } from '../ids.ts'
import type { Equality } from '../indexes/choose.ts'
import type { LiveQuery, Operator, QueryApi, QueryJoinOptions } from '../types/query.ts'
import { DEFAULT_JOIN_MAX_ROWS, joinRows, rightSource } from './join.ts'
import { createLiveQuery } from './live.ts'
import { operatorTest } from './operators.ts'
import { EMPTY_PLAN, matches, selectRows, type Clause, type QueryPlan } from './plan.ts'
import { chunkRows, readRows, streamRows } from './read.ts'
import type { QueryRow, QuerySource } from './source.ts'

export class Query<T> implements QueryApi<T> {
  // Rows are `unknown` inside: a join changes the row type, and Query<T> has to stay covariant in T.
  readonly #source: QuerySource<unknown>
  readonly #plan: QueryPlan

  constructor(source: QuerySource<unknown>, plan: QueryPlan = EMPTY_PLAN) {
    this.#source = source
    this.#plan = plan
  }

  /** Several `where` must all hold. `field` may be a dotted path. @throws ValidationError for no operator. */
  where(field: string, op: Operator, value: unknown): Query<T> {
    const test = operatorTest(op)
    if (test === undefined) throw new ValidationError(`"${op}" is no query operator.`)
    const query = this.#withClause((record) => test(readPath(record, field), value))
    const values = equalValues(op, value)
    return values === null ? query : query.#withEquality({ field, values })
  }

  filter(fn: (record: T) => boolean): Query<T> {
    return this.#withClause((record) => fn(record as T)) // the source's records are T by construction
  }

  /** A group whose clauses must all hold. */
  and(build: (q: Query<T>) => Query<T>): Query<T> {
    const clauses = this.#groupClauses(build)
    return this.#withClause((record) => clauses.every((clause) => clause(record)))
  }

  /** A group of which at least one clause must hold; the group itself must hold beside the other clauses. */
  or(build: (q: Query<T>) => Query<T>): Query<T> {
    const clauses = this.#groupClauses(build)
    return this.#withClause((record) => clauses.length === 0 || clauses.some((clause) => clause(record)))
  }

  orderBy(field: string, direction: 'asc' | 'desc' = 'asc'): Query<T> {
    return this.#with({ order: [...this.#plan.order, { field, direction }] })
  }

  limit(n: number): Query<T> {
    return this.#with({ limit: wholeNumber(n) })
  }

  offset(n: number): Query<T> {
    return this.#with({ offset: wholeNumber(n) })
  }

  /** @throws ValidationError when no reference is declared for `field`. */
  join<As extends string, R = unknown>(
    field: string,
    { as, strategy = 'nested', maxRows = DEFAULT_JOIN_MAX_ROWS }: QueryJoinOptions<As>,
  ): Query<T & Record<As, R | null>> {
    const ref = this.#source.refFor(field)
    if (ref === null)
      throw new ValidationError(`${this.#source.name}.${field} is not declared as a reference.`)
    const leg = { field, as, ref, strategy, maxRows, warned: new Set<string>() }
    return new Query(this.#source, { ...this.#plan, joins: [...this.#plan.joins, leg] })
  }

  toArray(): T[] {
    this.#refuseLarge('toArray')
    let rows: QueryRow<unknown>[] = selectRows(this.#plan, this.#source.snapshot())
    for (const leg of this.#plan.joins) {
      const right = rightSource(this.#source, leg)
      if (right.isLarge) throw largeError(right.name, 'a synchronous join')
      rows = joinRows(leg, rows, right.snapshot())
    }
    return records<T>(rows)
  }

  first(): T | null {
    return this.limit(Math.min(1, this.#plan.limit)).toArray()[0] ?? null
  }

  /** How many records match; offset, limit and joins do not count. */
  count(): number {
    this.#refuseLarge('count')
    return this.#source.snapshot().filter((row) => matches(this.#plan, row.record)).length
  }

  async run(): Promise<T[]> {
    return records<T>(await readRows(this.#source, this.#plan))
  }

  async *stream(): AsyncGenerator<T> {
    for await (const row of streamRows(this.#source, this.#plan)) yield row.record as T // as in `filter`
  }

  /** The rows with their storage ids, a few hundred at a time; all at once where they are cached or ordered. */
  async *chunks(): AsyncGenerator<readonly QueryRow<T>[]> {
    for await (const rows of chunkRows(this.#source, this.#plan)) yield rows as readonly QueryRow<T>[] // as in `filter`
  }

  /** Called with the rows at once, and after every change of a collection involved. */
  subscribe(cb: (rows: T[]) => void): () => void {
    this.#refuseLarge('subscribe')
    cb(this.toArray())
    return this.#watch(() => cb(this.toArray()))
  }

  live(): LiveQuery<T> {
    this.#refuseLarge('live')
    return createLiveQuery(
      () => this.toArray(),
      (onChange) => this.#watch(onChange),
    )
  }

  #with(change: Partial<QueryPlan>): Query<T> {
    return new Query(this.#source, { ...this.#plan, ...change })
  }

  #withClause(clause: Clause): Query<T> {
    return this.#with({ clauses: [...this.#plan.clauses, clause] })
  }

  #withEquality(equality: Equality): Query<T> {
    return this.#with({ equalities: [...this.#plan.equalities, equality] })
  }

  #groupClauses(build: (q: Query<T>) => Query<T>): readonly Clause[] {
    const group = build(new Query<T>(this.#source))
    if (!(group instanceof Query))
      throw new ValidationError('A query group gives back the query it was given.')
    return group.#plan.clauses
  }

  #watch(onChange: () => void): () => void {
    const rights = this.#plan.joins.map((leg) => this.#source.rightSide(leg.ref.target))
    const sources = new Set([this.#source, ...rights].filter((source) => source !== null))
    const stops = [...sources].map((source) => source.subscribe(onChange))
    return () => stops.splice(0).forEach((stop) => stop())
  }

  #refuseLarge(terminal: string): void {
    if (this.#source.isLarge) throw largeError(this.#source.name, `${terminal}()`)
  }
}

function records<T>(rows: readonly QueryRow<unknown>[]): T[] {
  return rows.map((row) => row.record as T) // as in `filter`; a join adds exactly the member its type says
}

/** What a field must be one of; null for the other operators. */
function equalValues(op: Operator, value: unknown): readonly unknown[] | null {
  if (op === '==') return [value]
  return op === 'in' && Array.isArray(value) ? [...(value as readonly unknown[])] : null // elements stay unknown
}

function wholeNumber(n: number): number {
  if (Number.isInteger(n) && n >= 0) return n
  throw new ValidationError(`A limit or an offset is a whole number from 0, not ${n}.`)
}

function largeError(collection: string, call: string): ValidationError {
  return new ValidationError(
    `"${collection}" is a large collection and is not kept in memory, so ${call} cannot answer; use await query.run() or for await (… of query.stream()).`,
  )
}
