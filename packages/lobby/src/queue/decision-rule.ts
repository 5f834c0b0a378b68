/** What a rule decides about one conflict, as an ordinary resolution; null where it does not apply. */
import { instantOf } from '../interchange/instants.ts'
import { covers } from './conflict-index.ts'
import type { LoadedConflict } from './queue-context.ts'
import type { DecisionRule, FieldPick, Resolution } from './types.ts'

export function resolutionOf(rule: DecisionRule, loaded: LoadedConflict): Resolution | null {
  const take = rule.take === 'newest' ? newestSide(loaded) : rule.take
  const named = rule.fields
  if (named === undefined) return { kind: take }
  const { view, theirs } = loaded
  if (view.current === null || theirs === null || view.fields.length === 0) return null
  // Whoever changed a field, it differs, and a person who named the others did not speak about it.
  if (!view.fields.every(({ path }) => named.some((field) => covers(field, path)))) return null
  const picks = view.fields.map(({ path }): [string, FieldPick] => [path, { pick: take }])
  return { kind: 'fields', picks: Object.fromEntries(picks) }
}

/** By when each side was written at its origin; ours on a tie. */
function newestSide({ view, entry }: LoadedConflict): 'ours' | 'theirs' {
  const ours = entry?.metadata.sourceTs ?? entry?.metadata.timestamp
  const theirs = view.row.theirsOrigin.at ?? undefined
  return instantOf(theirs) > instantOf(ours) ? 'theirs' : 'ours'
}
