/** One window on the ordered rows of a query. */
import type { FanoutQueryOptions, FanoutResult } from '../types.ts'
import { encodeCursor } from './cursor.ts'
import { OrderedRows } from './ordered-rows.ts'
import type { PlacedRow } from './order.ts'
import type { ShardSource } from './shard-source.ts'

/** Rows held for each shard while all of them are wanted. */
const BATCH = 1_000

export async function readPage(
  source: ShardSource,
  options: FanoutQueryOptions,
): Promise<FanoutResult<unknown>> {
  const { plan } = source
  const end = plan.offset + plan.limit
  // One more than wanted, to know whether anything follows.
  const rows = new OrderedRows(source, options, Number.isFinite(end) ? end + 1 : BATCH)
  const page: PlacedRow[] = []
  let [seen, hasMore] = [0, false]
  for await (const row of rows) {
    hasMore = seen >= end
    if (hasMore) break
    if (seen >= plan.offset) page.push(row)
    seen += 1
  }
  const last = page.at(-1)
  return {
    results: page.map(({ record }) => record),
    skippedVaults: rows.skippedVaults,
    ...(hasMore && last !== undefined && { nextCursor: encodeCursor(plan, last) }),
  }
}

/** The same rows one by one; what was skipped is only known at the end and given to `onSkipped`. */
export async function* streamPage(
  source: ShardSource,
  { onSkipped, ...options }: StreamOptions,
): AsyncGenerator {
  const { offset, limit } = source.plan
  const rows = new OrderedRows(source, options, Math.min(BATCH, offset + limit))
  let seen = 0
  if (limit > 0) {
    for await (const row of rows) {
      if (seen >= offset) yield row.record
      seen += 1
      if (seen >= offset + limit) break
    }
  }
  for (const skipped of rows.skippedVaults) onSkipped?.(skipped)
}

export interface StreamOptions extends FanoutQueryOptions {
  readonly onSkipped?: (skipped: FanoutResult<unknown>['skippedVaults'][number]) => void
}
