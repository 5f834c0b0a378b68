/** What a plan's rows do to the accounts: amounts that change, and rules of the template that would be broken. */
import { amountChanges } from '../invariants/amount-changes.ts'
import { judgeChanges, type RecordChange } from '../invariants/judge-change.ts'
import type { AmountChange, BrokenRule } from '../invariants/types.ts'
import { groupBy } from '../group-by.ts'
import type { Pace } from '../pace.ts'
import { writesRecord, writtenBody } from './row-effect.ts'
import type { AmountEffect, Body, ImportRow } from './types.ts'
import type { PlannedRow, VaultMerge } from './vault-merge.ts'

/** Records judged at once: rules in JSONata travel to their worker together. */
const AT_ONCE = 200

/** A row that breaks what the template never allows is refused; what it allows with a reason is noted. */
export async function judgeRows(
  merge: VaultMerge,
  rows: readonly PlannedRow[],
  slices: Pace,
): Promise<PlannedRow[]> {
  const { rules } = merge
  if (rules === undefined) return [...rows]
  const judged = new Map<PlannedRow, PlannedRow>()
  for (const [collection, all] of groupBy(rows.filter(writesRecord), (row) => row.collection)) {
    for (let at = 0; at < all.length; at += AT_ONCE) {
      const some = all.slice(at, at + AT_ONCE)
      const changes = await changesOf(merge, collection, some, slices)
      const broken = await judgeChanges(rules, collection, changes)
      for (const [index, row] of some.entries()) {
        await slices.step()
        const { before = null, after = null } = changes[index] ?? {}
        const effects = amountChanges(rules, collection, before, after)
        judged.set(row, asJudged(row, broken[index] ?? [], effects))
      }
    }
  }
  return rows.map((row) => judged.get(row) ?? row)
}

async function changesOf(
  { vault }: VaultMerge,
  collection: string,
  rows: readonly PlannedRow[],
  slices: Pace,
): Promise<RecordChange[]> {
  const changes: RecordChange[] = []
  for (const row of rows) {
    await slices.step()
    const before = (await vault.collection<Body>(collection).entry(row.id))?.record ?? null
    changes.push({ id: row.id, before, after: writtenBody(row) })
  }
  return changes
}

function asJudged(
  row: PlannedRow,
  broken: readonly BrokenRule[],
  effects: readonly AmountChange[],
): PlannedRow {
  const never = broken.find(({ enforce }) => enforce === 'refuse')
  if (never !== undefined) {
    const { result: _unused, ...rest } = row
    const { message, path } = never
    const fault = { code: 'RULE_BROKEN' as const, message, ...(path !== '' && { path }) }
    return { ...rest, outcome: 'refuse', fault }
  }
  return { ...row, ...(broken.length > 0 && { broken }), ...(effects.length > 0 && { effects }) }
}

/** Over all rows, by vault, collection, amount and currency. */
export function sumEffects(rows: readonly ImportRow[]): AmountEffect[] {
  const sums = new Map<string, AmountEffect>()
  for (const { vault, collection, effects = [] } of rows) {
    for (const { path, label, currency, delta } of effects) {
      const key = JSON.stringify([vault, collection, path, currency])
      const known = sums.get(key) ?? { vault, collection, path, label, currency, delta: 0, records: 0 }
      sums.set(key, { ...known, delta: known.delta + delta, records: known.records + 1 })
    }
  }
  return [...sums.values()]
}
