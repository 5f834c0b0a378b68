/** What a rule decides about one conflict, as an ordinary resolution; null where it does not apply. */
import { instantOf } from '../interchange/instants.ts'
import { covers } from './conflict-index.ts'
import type { LoadedConflict } from './queue-context.ts'
import type { ConflictField, DecisionRule, FieldPick, Resolution } from './types.ts'

export function resolutionOf(rule: DecisionRule, loaded: LoadedConflict): Resolution | null {
  const take = rule.take === 'newest' ? newestSide(loaded) : rule.take
  if (rule.fields === undefined) return { kind: take }
  const { view, theirs } = loaded
  if (view.current === null || theirs === null) return null
  const open = view.fields.filter(isOpen)
  const named = rule.fields
  if (open.length === 0 || !open.every(({ path }) => named.some((field) => covers(field, path)))) return null
  const picks = view.fields.map((field): [string, FieldPick] => [
    field.path,
    { pick: isOpen(field) ? take : field.changedBy === 'theirs' ? 'theirs' : 'ours' },
  ])
  return { kind: 'fields', picks: Object.fromEntries(picks) }
}

/** Changed by both, or by nobody knows whom. */
function isOpen({ changedBy }: ConflictField): boolean {
  return changedBy === 'both' || changedBy === 'unknown'
}

/** By when each side was written at its origin; ours on a tie. */
function newestSide({ view, entry }: LoadedConflict): 'ours' | 'theirs' {
  const ours = entry?.metadata.sourceTs ?? entry?.metadata.timestamp
  const theirs = view.row.theirsOrigin.at ?? undefined
  return instantOf(theirs) > instantOf(ours) ? 'theirs' : 'ours'
}
