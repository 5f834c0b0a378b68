/** References of what arrives: rows whose strict reference would point nowhere, and the order that satisfies the rest. */
import type { VaultApi } from '@noy-db/hub'
import type { Pace } from '../pace.ts'
import type { PlannedRow } from './vault-merge.ts'
import { targetKey, type Reference } from './reference.ts'
import { writesRecord, writtenBody } from './row-effect.ts'
import { sortForWriting } from './write-order.ts'

/** One vault's rows, with `REF_INTEGRITY` faults, in the order of writing. */
export async function checkReferences(
  vault: VaultApi,
  rows: readonly PlannedRow[],
  slices: Pace,
): Promise<PlannedRow[]> {
  const references = new Map<PlannedRow, Reference[]>()
  for (const row of rows) {
    await slices.step()
    references.set(row, strictReferences(vault, row))
  }
  const targets = await existingTargets(vault, [...references.values()].flat(), slices)
  await slices.step()
  const checked = refuseDangling(references, targets)
  return sortForWriting(checked, references, slices)
}

function strictReferences(vault: VaultApi, row: PlannedRow): Reference[] {
  if (!writesRecord(row)) return []
  const body = writtenBody(row)
  if (body === null) return []
  return Object.entries(body).flatMap(([field, value]) => {
    const ref = value === null || value === undefined ? null : vault.resolveRef(row.collection, field)
    if (ref?.mode !== 'strict') return []
    const id = typeof value === 'string' || typeof value === 'number' ? String(value) : null
    return [{ field, target: ref.target, id }]
  })
}

/** `collection\0id` of every referenced record that is here already. */
async function existingTargets(
  vault: VaultApi,
  wanted: readonly Reference[],
  slices: Pace,
): Promise<Set<string>> {
  const here = new Set<string>()
  const asked = new Set<string>()
  for (const { target, id } of wanted) {
    if (id === null || asked.has(targetKey(target, id))) continue
    asked.add(targetKey(target, id))
    await slices.step()
    if ((await vault.collection(target).getMetadata(id)) !== null) here.add(targetKey(target, id))
  }
  return here
}

/** A refused insert takes the rows that refer to it along, until nothing changes. */
function refuseDangling(
  references: ReadonlyMap<PlannedRow, readonly Reference[]>,
  here: ReadonlySet<string>,
): Map<PlannedRow, PlannedRow> {
  const faults = new Map<PlannedRow, Reference>()
  const referring = [...references].filter(([, refs]) => refs.length > 0)
  while (referring.length > 0) {
    const arriving = arrivingKeys(references.keys(), faults)
    const before = faults.size
    for (const [row, refs] of referring) {
      const dangling = refs.find(
        ({ target, id }) =>
          id === null || (!here.has(targetKey(target, id)) && !arriving.has(targetKey(target, id))),
      )
      if (dangling !== undefined && !faults.has(row)) faults.set(row, dangling)
    }
    if (faults.size === before) break
  }
  return new Map([...references.keys()].map((row) => [row, withFault(row, faults.get(row))]))
}

function arrivingKeys(rows: Iterable<PlannedRow>, faults: ReadonlyMap<PlannedRow, Reference>): Set<string> {
  const inserts = [...rows].filter((row) => row.outcome === 'insert' && !faults.has(row))
  return new Set(inserts.map(({ collection, id }) => targetKey(collection, id)))
}

function withFault(row: PlannedRow, dangling: Reference | undefined): PlannedRow {
  if (dangling === undefined) return row
  const { result: _unused, ...rest } = row
  const message = `${dangling.field} refers to ${dangling.target}/${dangling.id ?? '?'}, which is not there.`
  return { ...rest, outcome: 'refuse', fault: { code: 'REF_INTEGRITY', message, path: dangling.field } }
}
