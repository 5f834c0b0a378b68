/** Joins along declared references, inside one vault. */
import { readPath } from '../ids.ts'
import { DanglingReferenceError, JoinTooLargeError, ValidationError } from '../errors.ts'
import type { JoinStrategy } from '../types/query.ts'
import type { RefDescriptor } from '../types/schema.ts'
import type { QueryRow, QuerySource } from './source.ts'

export const DEFAULT_JOIN_MAX_ROWS = 50_000
const WARN_SHARE = 0.8

export interface JoinLeg {
  readonly field: string
  readonly as: string
  readonly ref: RefDescriptor
  readonly strategy: JoinStrategy
  readonly maxRows: number
  /** What this leg has warned about, so that a live query does not repeat it at every change. */
  readonly warned: Set<string>
}

/** @throws ValidationError when the collection was not opened in this session. */
export function rightSource(source: QuerySource<unknown>, leg: JoinLeg): QuerySource<unknown> {
  const right = source.rightSide(leg.ref.target)
  if (right === null) {
    throw new ValidationError(`Open the collection "${leg.ref.target}" before joining ${leg.field} with it.`)
  }
  return right
}

/** One leg: every left row as a fresh object with `[as]` set to the record it points at, or null. */
export function joinRows(
  leg: JoinLeg,
  left: readonly QueryRow<unknown>[],
  right: readonly QueryRow<unknown>[],
): QueryRow<unknown>[] {
  checkSize(leg, left.length, right.length)
  const lookup = new Map<string, unknown>()
  for (const row of right) {
    const key = leg.strategy === 'hash' ? keyText(readPath(row.record, 'id')) : row.id
    if (key !== null) lookup.set(key, row.record) // a body without an id is pointed at by nothing
  }
  return left.map((row) => ({ id: row.id, record: attach(leg, row.record, lookup) }))
}

function attach(leg: JoinLeg, record: unknown, lookup: ReadonlyMap<string, unknown>): unknown {
  const key = keyText(readPath(record, leg.field))
  const found = key === null ? null : (lookup.get(key) ?? missing(leg, key))
  return Object.assign({}, record, { [leg.as]: found })
}

/** Keys are texts or numbers; anything else points nowhere, and its JSON says in the message what it was. */
function keyText(key: unknown): string | null {
  if (key === null || key === undefined) return null
  return typeof key === 'string' || typeof key === 'number' ? String(key) : JSON.stringify(key)
}

function missing(leg: JoinLeg, refId: string): null {
  const { field } = leg
  const { target, mode } = leg.ref
  const message = `${field} points at ${target}/${refId}, which does not exist.`
  if (mode === 'strict') throw new DanglingReferenceError({ field, target, refId, message })
  if (mode === 'warn') warnOnce(leg, message)
  return null
}

/** Also called while a large right side is being read, to stop early. */
export function checkSize(leg: JoinLeg, leftRows: number, rightRows: number): void {
  for (const [side, rows] of [['left', leftRows] as const, ['right', rightRows] as const]) {
    const message = `Joining ${leg.field} reads ${rows} rows on the ${side}; the limit is ${leg.maxRows}.`
    if (rows > leg.maxRows) {
      throw new JoinTooLargeError({ leftRows, rightRows, maxRows: leg.maxRows, side, message })
    }
    if (rows >= leg.maxRows * WARN_SHARE && rows > 0)
      warnOnce(leg, `Joining ${leg.field}: near the limit of ${side} rows.`)
  }
}

function warnOnce(leg: JoinLeg, message: string): void {
  if (leg.warned.has(message)) return
  leg.warned.add(message)
  console.warn(message)
}
