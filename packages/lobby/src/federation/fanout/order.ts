/** One order over the rows of all shards: the fields asked for, then vault id and storage id, so that no two rows tie. */
import { readPath } from '@noy-db/hub/kernel'
import type { Order } from './plan.ts'

export interface OrderedRow {
  readonly keys: readonly unknown[]
  readonly vaultId: string
  readonly id: string
}

export interface PlacedRow extends OrderedRow {
  readonly record: unknown
}

export type Compare = (left: OrderedRow, right: OrderedRow) => number

export function keysOf(order: readonly Order[], record: unknown): unknown[] {
  return order.map(({ field }) => readPath(record, field) ?? null)
}

export function compareBy(order: readonly Order[]): Compare {
  const signs = order.map(({ direction }) => (direction === 'desc' ? -1 : 1))
  return (left, right) => {
    for (const [at, sign] of signs.entries()) {
      const result = compareKeys(left.keys[at], right.keys[at])
      if (result !== 0) return sign * result
    }
    return compareTexts(left.vaultId, right.vaultId) || compareTexts(left.id, right.id)
  }
}

/** Numbers, texts, truth values, other values (all alike), nothing: nothing comes last, so first in descending order. */
function compareKeys(left: unknown, right: unknown): number {
  const [leftKind, rightKind] = [kindOf(left), kindOf(right)]
  if (leftKind !== rightKind) return leftKind - rightKind
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left === 'string' && typeof right === 'string') return compareTexts(left, right)
  return typeof left === 'boolean' ? Number(left) - Number(right) : 0
}

const KINDS = ['number', 'string', 'boolean', 'object']

function kindOf(value: unknown): number {
  return value === null || value === undefined ? KINDS.length : KINDS.indexOf(typeof value)
}

/** By UTF-16 unit: the same on every machine. */
function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
