/**
 * A quantile as an estimate that can be made in parts: values are counted in buckets whose bounds grow by a fixed ratio, so the
 * answer is off by at most `accuracy` of its own size, whatever the data and however it is split (the idea of DDSketch). A state
 * holds one count per bucket in use: about 2,300 from one cent to ten billion cents at the default accuracy.
 */
import { ValidationError } from '@noy-db/hub'
import type { Reducer } from '@noy-db/hub/aggregate'
import { readPath } from '@noy-db/hub/kernel'

export interface QuantileState {
  readonly negative: Map<number, number>
  zero: number
  readonly positive: Map<number, number>
}

/** `q` from 0 to 1: 0.5 = median. Values that are no numbers do not count; null of none. @throws ValidationError */
export function quantile(
  field: string,
  q: number,
  { accuracy = 0.01 }: { accuracy?: number } = {},
): Reducer<number | null, QuantileState> {
  if (!(q >= 0 && q <= 1)) throw new ValidationError(`A quantile is from 0 to 1, not ${q}.`)
  if (!(accuracy > 0 && accuracy < 1))
    throw new ValidationError(`An accuracy is between 0 and 1, not ${accuracy}.`)
  const ratio = (1 + accuracy) / (1 - accuracy)
  const bucketOf = (size: number): number => Math.ceil(Math.log(size) / Math.log(ratio))
  const middleOf = (bucket: number): number => (2 * ratio ** bucket) / (ratio + 1)
  return {
    init: () => ({ negative: new Map(), zero: 0, positive: new Map() }),
    step(state, record) {
      const value = readPath(record, field)
      if (typeof value !== 'number' || !Number.isFinite(value)) return state
      if (value === 0) state.zero += 1
      else add(value < 0 ? state.negative : state.positive, bucketOf(Math.abs(value)), 1)
      return state
    },
    merge: (left, right) => ({
      negative: sumOf(left.negative, right.negative),
      zero: left.zero + right.zero,
      positive: sumOf(left.positive, right.positive),
    }),
    finalize: (state) => valueAt(state, q, middleOf),
  }
}

function valueAt(
  { negative, zero, positive }: QuantileState,
  q: number,
  middleOf: (bucket: number) => number,
): number | null {
  const steps: [value: number, count: number][] = [
    ...[...negative].sort(([a], [b]) => b - a).map(([bucket, n]): [number, number] => [-middleOf(bucket), n]),
    [0, zero],
    ...[...positive].sort(([a], [b]) => a - b).map(([bucket, n]): [number, number] => [middleOf(bucket), n]),
  ]
  const total = steps.reduce((sum, [, count]) => sum + count, 0)
  if (total === 0) return null
  let rank = Math.floor(q * (total - 1))
  for (const [value, count] of steps) {
    if (rank < count) return value
    rank -= count
  }
  return null
}

function add(counts: Map<number, number>, bucket: number, count: number): void {
  counts.set(bucket, (counts.get(bucket) ?? 0) + count)
}

function sumOf(left: ReadonlyMap<number, number>, right: ReadonlyMap<number, number>): Map<number, number> {
  const sum = new Map(left)
  for (const [bucket, count] of right) add(sum, bucket, count)
  return sum
}
