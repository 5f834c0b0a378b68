/** The asynchronous side of a query: hydrates first, and reads `large` collections row by row. */
import { checkSize, joinRows, rightSource, type JoinLeg } from './join.ts'
import { matches, selectRows, sortRows, type QueryPlan } from './plan.ts'
import type { QueryRow, QuerySource } from './source.ts'

/** Without an order or a join, rows are handed out as they are read, and reading stops at the limit. */
export async function* streamRows(
  source: QuerySource<unknown>,
  plan: QueryPlan,
): AsyncGenerator<QueryRow<unknown>> {
  if (source.isLarge && plan.order.length === 0 && plan.joins.length === 0) yield* scanRows(source, plan)
  else yield* await readRows(source, plan)
}

const CHUNK = 500

/** For callers that fold rows: one step of the loop costs the same for many rows as for one. */
export async function* chunkRows(
  source: QuerySource<unknown>,
  plan: QueryPlan,
): AsyncGenerator<readonly QueryRow<unknown>[]> {
  if (!source.isLarge || plan.order.length > 0 || plan.joins.length > 0) {
    yield await readRows(source, plan)
    return
  }
  let chunk: QueryRow<unknown>[] = []
  for await (const row of scanRows(source, plan)) {
    chunk.push(row)
    if (chunk.length < CHUNK) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

export async function readRows(source: QuerySource<unknown>, plan: QueryPlan): Promise<QueryRow<unknown>[]> {
  let rows = await selectAsync(source, plan)
  for (const leg of plan.joins) rows = joinRows(leg, rows, await rightRows(source, leg, rows.length))
  return rows
}

async function selectAsync(source: QuerySource<unknown>, plan: QueryPlan): Promise<QueryRow<unknown>[]> {
  if (!source.isLarge) {
    await source.hydrate()
    return selectRows(plan, source.snapshot())
  }
  if (plan.order.length === 0) return collect(scanRows(source, plan))
  const all = await collect(scanRows(source, { ...plan, offset: 0, limit: Infinity }))
  return sortRows(plan.order, all).slice(plan.offset, plan.offset + plan.limit)
}

async function collect(rows: AsyncIterable<QueryRow<unknown>>): Promise<QueryRow<unknown>[]> {
  const all: QueryRow<unknown>[] = []
  for await (const row of rows) all.push(row)
  return all
}

async function* scanRows(source: QuerySource<unknown>, plan: QueryPlan): AsyncGenerator<QueryRow<unknown>> {
  let toSkip = plan.offset
  let toGive = plan.limit
  if (toGive === 0) return
  const found = plan.equalities.length === 0 ? null : await source.find(plan.equalities)
  for await (const row of found ?? source.scan()) {
    // Also rows that an index found: two values may share a token.
    if (!matches(plan, row.record)) continue
    if (toSkip > 0) {
      toSkip -= 1
      continue
    }
    yield row
    toGive -= 1
    if (toGive === 0) return
  }
}

async function rightRows(
  source: QuerySource<unknown>,
  leg: JoinLeg,
  leftRows: number,
): Promise<readonly QueryRow<unknown>[]> {
  const right = rightSource(source, leg)
  if (!right.isLarge) {
    await right.hydrate()
    return right.snapshot()
  }
  const rows: QueryRow<unknown>[] = []
  for await (const row of right.scan()) {
    rows.push(row)
    if (rows.length > leg.maxRows) checkSize(leg, leftRows, rows.length)
  }
  return rows
}
