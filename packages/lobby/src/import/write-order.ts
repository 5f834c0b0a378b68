/** The order of writing: whole collections before those that refer to them, then row by row where one refers to another. */
import type { Pace } from '../pace.ts'
import type { PlannedRow } from './vault-merge.ts'
import { targetKey, type Reference } from './reference.ts'

type References = ReadonlyMap<PlannedRow, readonly Reference[]>

/** Among equals by collection name, then id; rows in a circle of references keep that order. */
export async function sortForWriting(
  checked: ReadonlyMap<PlannedRow, PlannedRow>,
  references: References,
  slices: Pace,
): Promise<PlannedRow[]> {
  const ordered = await inBaseOrder(references, slices)
  const byKey = new Map<string, PlannedRow>()
  for (const row of ordered) {
    await slices.step()
    byKey.set(targetKey(row.collection, row.id), row)
  }
  const reached = new Set<PlannedRow>()
  const sorted: PlannedRow[] = []
  for (const first of ordered) {
    await slices.step()
    // An explicit stack: a chain of references may be as long as the bundle.
    const stack = reached.has(first) ? [] : [first]
    reached.add(first)
    for (let row = stack.at(-1); row !== undefined; row = stack.at(-1)) {
      const target = unreachedTarget(references.get(row) ?? [], byKey, reached)
      if (target === undefined) {
        sorted.push(checked.get(row) ?? row)
        stack.pop()
      } else {
        reached.add(target)
        stack.push(target)
      }
    }
  }
  return sorted
}

function unreachedTarget(
  references: readonly Reference[],
  byKey: ReadonlyMap<string, PlannedRow>,
  reached: ReadonlySet<PlannedRow>,
): PlannedRow | undefined {
  for (const { target, id } of references) {
    const found = id === null ? undefined : byKey.get(targetKey(target, id))
    if (found !== undefined && !reached.has(found)) return found
  }
  return undefined
}

/** Collections after those they refer to, rows of each by id. */
async function inBaseOrder(references: References, slices: Pace): Promise<PlannedRow[]> {
  const rows = new Map<string, PlannedRow[]>()
  const targets = new Map<string, Set<string>>()
  for (const [row, refs] of references) {
    await slices.step()
    const known = targets.get(row.collection) ?? new Set<string>()
    for (const { target } of refs) known.add(target)
    targets.set(row.collection, known)
    const group = rows.get(row.collection)
    if (group === undefined) rows.set(row.collection, [row])
    else group.push(row)
  }
  const ordered: PlannedRow[] = []
  for (const name of collectionOrder(targets)) {
    await slices.step()
    for (const row of (rows.get(name) ?? []).sort(byId)) ordered.push(row)
  }
  return ordered
}

/** Names after everything they refer to; a circle is cut where it closes. */
function collectionOrder(targets: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const order: string[] = []
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const target of [...(targets.get(name) ?? [])].sort()) visit(target)
    order.push(name)
  }
  for (const name of [...targets.keys()].sort()) visit(name)
  return order
}

function byId(left: PlannedRow, right: PlannedRow): number {
  return left.id < right.id ? -1 : Number(left.id > right.id)
}
