/** The declared report of a merge, from its plan. */
import type { ImportPlan, ImportRow, RowOutcome } from '../import/types.ts'
import { strategyFor } from './strategy.ts'
import type { DecryptedMergeOptions, MergeConflict, MergeCounts, MergeReport } from './types.ts'
import { groupBy } from '../group-by.ts'

const COUNTED: Partial<Record<RowOutcome, Exclude<keyof MergeCounts, 'deleted'>>> = {
  insert: 'inserted',
  update: 'updated',
  merge: 'updated',
  keep: 'skipped',
  queue: 'queued',
}

const RESOLUTION: Partial<Record<RowOutcome, MergeConflict['resolution']>> = {
  update: 'incoming',
  delete: 'incoming',
  merge: 'field-merged',
  keep: 'local',
  queue: 'queued',
}

/** Collections that nothing happened in are left out; inserts are no conflicts. */
export function reportOf(plan: ImportPlan, opts: DecryptedMergeOptions, persisted: boolean): MergeReport {
  const groups = groupBy(plan.rows, ({ collection }) => collection)
  const byCollection = [...groups].map(([name, rows]) => [name, countRows(rows)] as const)
  const counts = countRows(plan.rows)
  const { inserted, updated, skipped, queued } = counts
  return {
    vault: plan.perVault[0]?.vault ?? '',
    dryRun: opts.dryRun === true,
    summary: { ...counts, total: inserted + updated + skipped + queued },
    byCollection: Object.fromEntries(byCollection),
    conflicts: plan.rows.flatMap((row) => conflictOf(row, opts, persisted)),
    ...(persisted && { importId: plan.id }),
    ...brokenOf(plan),
  }
}

function brokenOf({ rows }: ImportPlan): Pick<MergeReport, 'broken'> {
  const broken = rows.flatMap(({ vault, collection, id, outcome, broken = [] }) =>
    broken.length === 0 ? [] : [{ vault, collection, id, outcome, broken }],
  )
  return broken.length === 0 ? {} : { broken }
}

function countRows(rows: readonly ImportRow[]): MergeCounts {
  const counts = { inserted: 0, updated: 0, skipped: 0, queued: 0 }
  for (const { outcome } of rows) {
    const counter = COUNTED[outcome]
    if (counter !== undefined) counts[counter] += 1
  }
  const deleted = rows.filter(({ outcome }) => outcome === 'delete').length
  return deleted === 0 ? counts : { ...counts, deleted }
}

function conflictOf(row: ImportRow, opts: DecryptedMergeOptions, persisted: boolean): MergeConflict[] {
  const resolution = RESOLUTION[row.outcome]
  if (resolution === undefined) return []
  const { collection, id, conflictId, fields, decisions } = row
  return [
    {
      collection,
      id,
      strategy: strategyFor(opts.strategy, collection),
      resolution,
      fields,
      ...(persisted && conflictId !== undefined && { conflictId }),
      ...(decisions !== undefined && { decisions }),
    },
  ]
}
