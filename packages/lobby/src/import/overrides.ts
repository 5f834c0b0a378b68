/** Rows of a plan that are written against a rule: each with a reason, or not at all. */
import { ValidationError } from '@noy-db/hub'
import { DecisionInvalidError, RulesBrokenError } from '../errors.ts'
import { asException, isOpen, type Exception } from '../invariants/override.ts'
import type { ImportDecisions, ImportPlan, ImportRow, RowRef } from './types.ts'

/** @throws RulesBrokenError without a reason for them, DecisionInvalidError for an empty one */
export function exceptionsOf(
  plan: ImportPlan,
  { override }: Pick<ImportDecisions, 'override'>,
  excluded: ReadonlySet<ImportRow>,
): ReadonlyMap<ImportRow, readonly Exception[]> {
  const open = plan.rows.filter((row) => isOpen(row.broken) && !excluded.has(row))
  if (override === undefined) {
    if (open.length > 0) throw new RulesBrokenError(open.map(brokenRow))
    return new Map()
  }
  const { reason, rows = [] } = override
  if (reason.trim() === '') throw new DecisionInvalidError('Writing against a rule needs a reason.')
  const named = rows.map((ref) => rowOf(plan, ref))
  return new Map([...open, ...named].map((row) => [row, asException(row.broken, reason)]))
}

function brokenRow({ vault, collection, id, broken = [] }: ImportRow) {
  return { vault, collection, id, broken }
}

function rowOf(plan: ImportPlan, ref: RowRef): ImportRow {
  const { vault, collection, id } = ref
  const row = plan.rows.find((one) => one.vault === vault && one.collection === collection && one.id === id)
  if (row === undefined) throw new ValidationError(`The plan has no row ${collection}/${id} to override.`)
  return row
}
