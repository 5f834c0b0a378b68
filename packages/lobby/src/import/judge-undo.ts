/**
 * What an undo would write into closed periods. No other rule is asked: what an undo puts back was there before, and whoever
 * wrote it then answered for it.
 */
import { ValidationError } from '@noy-db/hub'
import { DecisionInvalidError, RulesBrokenError } from '../errors.ts'
import { groupBy } from '../group-by.ts'
import { judgeChanges, type RecordChange } from '../invariants/judge-change.ts'
import { asException, isOpen, type Exception } from '../invariants/override.ts'
import type { RecordRules, RuleOverride, RulesOf } from '../invariants/types.ts'
import type { Pace } from '../pace.ts'
import type { Body, BrokenRow, RowRef } from './types.ts'
import type { Review, VaultReview } from './undo-review.ts'

/** Records judged at once: rules in JSONata travel to their worker together. */
const AT_ONCE = 200

export async function judgeUndo(
  rulesOf: RulesOf,
  vaults: readonly VaultReview[],
  slices: Pace,
): Promise<BrokenRow[]> {
  const found: BrokenRow[] = []
  for (const one of vaults) {
    const rules = rulesOf(one.vault.name)
    if (rules !== undefined) found.push(...(await judgeVault(rules, one, slices)))
  }
  return found
}

async function judgeVault(
  rules: RecordRules,
  { vault, reviews }: VaultReview,
  slices: Pace,
): Promise<BrokenRow[]> {
  const found: BrokenRow[] = []
  const writing = reviews.filter(({ record }) => record !== undefined)
  for (const [name, all] of groupBy(writing, ({ ref }) => ref.collection)) {
    const collection = vault.collection<Body>(name)
    for (let at = 0; at < all.length; at += AT_ONCE) {
      const some = all.slice(at, at + AT_ONCE)
      const changes: RecordChange[] = []
      for (const { ref, record } of some) {
        await slices.step()
        const before = (await collection.entry(ref.id))?.record ?? null
        changes.push({ id: ref.id, before, after: record?.earlier?.record ?? null })
      }
      found.push(...closedRows(some, await judgeChanges(rules, name, changes)))
    }
  }
  return found
}

function closedRows(
  reviews: readonly Review[],
  judged: Awaited<ReturnType<typeof judgeChanges>>,
): BrokenRow[] {
  return reviews.flatMap(({ ref }, at) => {
    const broken = (judged[at] ?? []).filter(({ period }) => period !== undefined)
    return broken.length === 0 ? [] : [{ ...ref, broken }]
  })
}

/**
 * By record, as `recordKey` writes it.
 * @throws RulesBrokenError without a reason for them, or where the template takes none; DecisionInvalidError for an empty one
 */
export function undoExceptions(
  broken: readonly BrokenRow[],
  written: readonly RowRef[],
  override: RuleOverride | undefined,
): ReadonlyMap<string, readonly Exception[]> {
  const open = broken.filter((row) => isOpen(row.broken))
  const never = open.filter((row) => row.broken.some(({ enforce }) => enforce === 'refuse'))
  if (never.length > 0) throw new RulesBrokenError(never)
  if (override === undefined) {
    if (open.length > 0) throw new RulesBrokenError(open)
    return new Map()
  }
  const { reason, rows = [] } = override
  if (reason.trim() === '') throw new DecisionInvalidError('Undoing into a closed period needs a reason.')
  const known = new Set(written.map(recordKey))
  const stranger = rows.find((row) => !known.has(recordKey(row)))
  if (stranger !== undefined)
    throw new ValidationError(`The undo does not write ${stranger.collection}/${stranger.id}.`)
  const named = rows.map((row) => [recordKey(row), asException(undefined, reason)] as const)
  return new Map([...named, ...open.map((row) => [recordKey(row), asException(row.broken, reason)] as const)])
}

export function recordKey({ vault, collection, id }: RowRef): string {
  return JSON.stringify([vault, collection, id])
}
