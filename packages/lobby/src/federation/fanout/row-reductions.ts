/** Rows as the result: all of them shard after shard, or a window in one order. */
import { jsonEquals } from '@noy-db/hub/kernel'
import type { Follower } from '../live/follower.ts'
import { ShardFollower } from '../live/shard-follower.ts'
import type { FanoutQueryOptions } from '../types.ts'
import { decodeCursor } from './cursor.ts'
import { chunksFold } from './collect-rows.ts'
import { compareBy } from './order.ts'
import { isWindowed, type ShardedPlan } from './plan.ts'
import type { Reduction } from './reduction.ts'
import type { Rows } from './shard-read.ts'
import type { ShardSource } from './shard-source.ts'
import { topFold, type TopRows } from './top-rows.ts'

/** What a live result over rows is computed by. */
export function followRows(source: ShardSource, options: FanoutQueryOptions): Follower<unknown[]> {
  const { plan } = source
  if (isWindowed(plan)) return new ShardFollower(source, windowReduction(plan), options)
  return new ShardFollower(source, allRows, options)
}

const allRows: Reduction<Rows[], unknown[]> = {
  fold: chunksFold,
  finish(parts) {
    const records: unknown[] = []
    for (const part of parts) for (const rows of part) for (const { record } of rows) records.push(record)
    return records
  },
  samePart: (left, right) => sameRows(left.flat(), right.flat()),
}

function windowReduction(plan: ShardedPlan): Reduction<TopRows, unknown[]> {
  const { order, offset, limit } = plan
  const after = plan.after === null ? null : decodeCursor(plan, plan.after)
  return {
    fold: topFold(order, offset + limit, after),
    finish(parts) {
      const rows = parts.flatMap((top) => top.rows()).sort(compareBy(order))
      return rows.slice(offset, offset + limit).map(({ record }) => record)
    },
    samePart: (left, right) => sameRows(left.rows(), right.rows()),
  }
}

/** A record nobody wrote is the same object; one that was written may still say the same. */
function sameRows(left: Rows, right: Rows): boolean {
  if (left.length !== right.length) return false
  return left.every(({ id, record }, at) => {
    const other = right[at]
    return other?.id === id && (other.record === record || jsonEquals(other.record, record))
  })
}
