/** Row counts by outcome. */
import type { RowCounts, RowOutcome } from './types.ts'

const NONE: RowCounts = { insert: 0, update: 0, merge: 0, delete: 0, keep: 0, queue: 0, equal: 0, refuse: 0 }

const OUTCOMES = Object.keys(NONE) as RowOutcome[] // exactly the keys of RowCounts

export function countOutcomes(outcomes: Iterable<RowOutcome>): RowCounts {
  const counts = { ...NONE }
  for (const outcome of outcomes) counts[outcome] += 1
  return counts
}

export function sumCounts(all: Iterable<RowCounts>): RowCounts {
  const sum = { ...NONE }
  for (const counts of all) {
    for (const outcome of OUTCOMES) sum[outcome] += counts[outcome]
  }
  return sum
}

/** What is applied when `excluded` rows are left out: they count as refused, whatever they would have done. */
export function countsWithout(
  counts: RowCounts,
  excluded: readonly { readonly outcome: RowOutcome }[],
): RowCounts {
  const left = { ...counts }
  for (const { outcome } of excluded) {
    left[outcome] -= 1
    left.refuse += 1
  }
  return left
}
