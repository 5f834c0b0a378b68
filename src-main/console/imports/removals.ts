/** Records that an import would remove: nobody's go without a yes, whoever asks for the import. */
import type { ImportPlan, RowRef } from '@klum-db/lobby'
import { AppError } from '../app-error.ts'

interface Removing {
  readonly exclude: readonly RowRef[]
  readonly acceptRemovals?: boolean | undefined
}

/** @throws AppError REMOVALS_REFUSED, with how many, unless they were accepted or left out by name */
export function assertRemovalsAccepted(
  { rows }: ImportPlan,
  { exclude, acceptRemovals = false }: Removing,
): void {
  if (acceptRemovals) return
  const leftOut = new Set(exclude.map(refText))
  const removals = rows.filter((row) => row.outcome === 'delete' && !leftOut.has(refText(row))).length
  if (removals > 0) throw new AppError('REMOVALS_REFUSED', undefined, { removals })
}

function refText({ vault, collection, id }: RowRef): string {
  return JSON.stringify([vault, collection, id])
}
