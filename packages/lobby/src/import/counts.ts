/** Row counts by outcome. */
import type { RowCounts, RowOutcome } from './types.ts'

const NONE: RowCounts = { insert: 0, update: 0, merge: 0, keep: 0, queue: 0, equal: 0, refuse: 0 }

export function countOutcomes(outcomes: Iterable<RowOutcome>): RowCounts {
  const counts = { ...NONE }
  for (const outcome of outcomes) counts[outcome] += 1
  return counts
}

export function sumCounts(all: Iterable<RowCounts>): RowCounts {
  const sum = { ...NONE }
  for (const counts of all) {
    for (const [outcome, count] of Object.entries(counts)) sum[outcome as RowOutcome] += count // keys of RowCounts
  }
  return sum
}
