/** Deletions of records that others here still refer to, which the sender may not know of: they are asked, not done. */
import { readPath } from '@noy-db/hub/kernel'
import { groupBy } from '../group-by.ts'
import type { Pace } from '../pace.ts'
import { conflictIdOf } from '../queue/conflict-id.ts'
import { leaveDecided } from './plan-rows.ts'
import { targetKey } from './reference.ts'
import { writesRecord, writtenBody } from './row-effect.ts'
import type { Body } from './types.ts'
import type { PlannedRow, VaultMerge } from './vault-merge.ts'

/** Keys of the records that refer to each record that would go. */
type Referrers = Map<string, Set<string>>

export async function askReferred(
  merge: VaultMerge,
  rows: readonly PlannedRow[],
  slices: Pace,
): Promise<PlannedRow[]> {
  const going = rows.filter(({ outcome }) => outcome === 'delete')
  if (going.length === 0) return [...rows]
  const stays = staying(going, await referrersOf(merge, rows, going, slices))
  if (stays.size === 0) return [...rows]
  const asked = going.filter((row) => stays.has(keyOf(row))).map((row) => asAsked(merge, row))
  const settled = new Map((await leaveDecided(merge.vault, asked, slices)).map((row) => [keyOf(row), row]))
  return rows.map((row) => settled.get(keyOf(row)) ?? row)
}

function keyOf({ collection, id }: Pick<PlannedRow, 'collection' | 'id'>): string {
  return targetKey(collection, id)
}

/** One that stays keeps what it refers to, until nothing changes. */
function staying(going: readonly PlannedRow[], referrers: Referrers): Set<string> {
  const gone = new Set(going.map(keyOf))
  const stays = new Set<string>()
  for (let before = -1; before !== stays.size;) {
    before = stays.size
    for (const [target, from] of referrers) {
      if (gone.has(target) && [...from].some((referrer) => !gone.has(referrer))) {
        gone.delete(target)
        stays.add(target)
      }
    }
  }
  return stays
}

async function referrersOf(
  { vault }: VaultMerge,
  rows: readonly PlannedRow[],
  going: readonly PlannedRow[],
  slices: Pace,
): Promise<Referrers> {
  const { refRegistry } = vault._introspectState()
  const written = new Set(rows.filter(writesRecord).map(keyOf))
  const found: Referrers = new Map()
  for (const [target, all] of groupBy(going, ({ collection }) => collection)) {
    const ids = new Set(all.map(({ id }) => id))
    // One that would go along is one that somebody else may have written to meanwhile.
    const inbound = refRegistry.getInbound(target).filter(({ mode }) => mode !== 'warn')
    for (const { collection, field } of inbound) {
      const note = (id: string, body: Body | null): void => {
        const value = readPath(body, field)
        if ((typeof value !== 'string' && typeof value !== 'number') || !ids.has(String(value))) return
        const key = targetKey(target, String(value))
        found.set(key, (found.get(key) ?? new Set()).add(targetKey(collection, id)))
      }
      for await (const chunk of vault.collection<Body>(collection).query().chunks()) {
        await slices.step()
        for (const { id, record } of chunk) {
          if (!written.has(targetKey(collection, id))) note(id, record)
        }
      }
      for (const row of rows) {
        if (row.collection === collection && writesRecord(row)) note(row.id, writtenBody(row))
      }
    }
  }
  return found
}

function asAsked(merge: VaultMerge, row: PlannedRow): PlannedRow {
  const { collection, id, base } = row
  const conflictId = conflictIdOf(merge.queueKey, collection, id, { base, ours: base, theirs: null })
  const fields = Object.keys(base ?? {})
  return { ...row, outcome: 'queue', kind: 'deleted-there', fields, overlaps: fields, conflictId }
}
