/** Rows as the result: all of them shard after shard, or a window in one order. */
import { jsonEquals } from '@noy-db/hub/kernel'
import type { Follower } from '../live/follower.ts'
import { ShardFollower } from '../live/shard-follower.ts'
import type { FanoutQueryOptions } from '../types.ts'
import { decodeCursor } from './cursor.ts'
import { recordsOf, rowsFold, type ShardRows } from './collect-rows.ts'
import { compareBy, type PlacedRow } from './order.ts'
import { isWindowed, type ShardedPlan } from './plan.ts'
import type { Reduction } from './reduction.ts'
import type { ShardSource } from './shard-source.ts'
import { topFold, type TopRows } from './top-rows.ts'

/** What a live result over rows is computed by. */
export function followRows(source: ShardSource, options: FanoutQueryOptions): Follower<unknown[]> {
  const { plan } = source
  if (isWindowed(plan)) return new ShardFollower(source, windowReduction(plan), options)
  return new ShardFollower(source, allRows, options)
}

const allRows: Reduction<ShardRows, unknown[]> = {
  fold: rowsFold,
  finish: recordsOf,
  samePart: (left, right) =>
    sameList(left.ids, right.ids, (a, b) => a === b) && sameList(left.records, right.records, sameRecord),
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
    samePart: (left, right) => sameList(left.rows(), right.rows(), sameRow),
  }
}

function sameList<V>(left: readonly V[], right: readonly V[], same: (a: V, b: V) => boolean): boolean {
  return left.length === right.length && left.every((value, at) => same(value, right[at] as V)) // as long as the other
}

function sameRow(left: PlacedRow, right: PlacedRow): boolean {
  return left.id === right.id && sameRecord(left.record, right.record)
}

/** A record nobody wrote is the same object; one that was written may still say the same. */
function sameRecord(left: unknown, right: unknown): boolean {
  return left === right || jsonEquals(left, right)
}
