/**
 * Records of closed periods under a transform: it may give them another shape, but neither another period nor another
 * amount. An amount that had another form before, a text say, cannot be compared and is left to the transform.
 */
import type { ClosedMonths } from '../invariants/period-book.ts'
import type { CompiledCollection } from './compile.ts'
import { amountsOf } from './record-amounts.ts'
import type { Row, RowFailure } from './runner/outcome.ts'

export function closedRecordsChanged(
  collection: CompiledCollection,
  rows: readonly Row[],
  results: ReadonlyMap<string, unknown>,
  closed: ClosedMonths,
): RowFailure[] {
  if (closed.size === 0) return []
  return rows.flatMap(({ id, body }) => {
    const message = changeOf(collection, body, results.get(id), closed)
    return message === null ? [] : [{ collection: collection.name, id, to: 0, message }]
  })
}

function changeOf(
  collection: CompiledCollection,
  before: unknown,
  after: unknown,
  closed: ClosedMonths,
): string | null {
  const [from, to] = [before, after].map((body) => collection.periodOf(body))
  const period = [from, to].find((one) => one !== null && one !== undefined && closed.has(one))
  if (period === undefined) return null
  if (from !== to) return `It would leave or enter the closed period ${period ?? ''}.`
  const was = new Map(amountsOf(collection, before).map(({ path, minor }) => [path, minor]))
  const changed = amountsOf(collection, after).find(({ path, minor }) => (was.get(path) ?? minor) !== minor)
  return changed === undefined ? null : `${changed.label} would change in the closed period ${period ?? ''}.`
}
