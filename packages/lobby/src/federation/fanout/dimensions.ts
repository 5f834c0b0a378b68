/** The shared collections that broadcast joins attach records of, read once for each execution and indexed. */
import { Collection } from '@noy-db/hub'
import { jsonEquals, readPath, type QueryRow } from '@noy-db/hub/kernel'
import type { BroadcastLeg } from './plan.ts'
import { warnOnce } from './warn-once.ts'

interface Dimension {
  readonly leg: BroadcastLeg
  readonly records: readonly unknown[]
  readonly byKey: ReadonlyMap<string, unknown>
}

export class Dimensions {
  readonly #dimensions: readonly Dimension[]

  private constructor(dimensions: readonly Dimension[]) {
    this.#dimensions = dimensions
  }

  /** The same object again while its sources say the same. @throws what a source throws */
  static async read(legs: readonly BroadcastLeg[], before: Dimensions | null): Promise<Dimensions> {
    const lists: Array<readonly unknown[]> = []
    for (const { from } of legs) lists.push(await recordsOf(from))
    if (before !== null && before.#isMadeOf(lists)) return before
    return new Dimensions(legs.map((leg, at) => dimensionOf(leg, lists[at] ?? [])))
  }

  get isEmpty(): boolean {
    return this.#dimensions.length === 0
  }

  /** A fresh object; the attached records are frozen, since many rows share one. */
  attach({ id, record }: QueryRow<unknown>): QueryRow<unknown> {
    const out: Record<string, unknown> = { ...(record as object) } // rows are records; a joined one is an object
    for (const { leg, byKey } of this.#dimensions) {
      const key = keyText(readPath(record, leg.field))
      const found = key === null ? undefined : byKey.get(key)
      if (found === undefined && leg.mode === 'warn') warnMiss(leg, key)
      out[leg.as] = found ?? null
    }
    return { id, record: out }
  }

  #isMadeOf(lists: ReadonlyArray<readonly unknown[]>): boolean {
    return this.#dimensions.every(({ records }, at) => sameRecords(records, lists[at] ?? []))
  }
}

/** A collection of the hub keeps frozen records; anybody else's are copied, so that no row can change them. */
async function recordsOf(from: BroadcastLeg['from']): Promise<readonly unknown[]> {
  if (from instanceof Collection) return from.query().run()
  return (await from.list()).map(frozenCopy)
}

function dimensionOf(leg: BroadcastLeg, records: readonly unknown[]): Dimension {
  const byKey = new Map<string, unknown>()
  for (const record of records) {
    const key = keyText(readPath(record, leg.on))
    if (key === null) continue
    if (!byKey.has(key)) byKey.set(key, record)
    else
      warnOnce(`Broadcast join "${leg.as}": ${leg.on} ${key} occurs more than once; the first record counts.`)
  }
  return { leg, records, byKey }
}

function keyText(value: unknown): string | null {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : null
}

function warnMiss(leg: BroadcastLeg, key: string | null): void {
  warnOnce(`Broadcast join "${leg.as}": no record for ${leg.field} ${key ?? '<null>'}.`)
}

function sameRecords(left: readonly unknown[], right: readonly unknown[]): boolean {
  if (left.length !== right.length) return false
  return left.every((record, at) => record === right[at] || jsonEquals(record, right[at]))
}

function frozenCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (Array.isArray(value)) return Object.freeze(value.map(frozenCopy))
  const members = Object.entries(value).map(([name, member]) => [name, frozenCopy(member)] as const)
  return Object.freeze(Object.fromEntries(members))
}
