import { beyond } from './error.ts'
import { dockLimits } from '../limits.ts'
import type { SourceRow } from './types.ts'

/** The first rows; the rest is not read. */
export async function firstRows(rows: AsyncIterable<SourceRow>, count: number): Promise<SourceRow[]> {
  const first: SourceRow[] = []
  for await (const row of rows) {
    first.push(row)
    if (first.length === count) break
  }
  return first
}

/** @throws SourceError once there are more rows than a table may have */
export function assertRowCount(count: number): void {
  if (count > dockLimits.rows) throw beyond(`The table has more than ${dockLimits.rows} rows.`)
}

/** @throws SourceError */
export function assertColumnCount(count: number): void {
  if (count > dockLimits.columns) throw beyond(`The table has more than ${dockLimits.columns} columns.`)
}
