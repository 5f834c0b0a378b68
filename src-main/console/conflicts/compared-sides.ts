/** The two sides a conflict compares: as they are while it waits, as they were once it is decided. */
import { type ConflictRow, type ConflictView, fieldChanges } from '@klum-db/lobby'

type Body = ConflictRow['ours']

export interface ComparedSides {
  readonly ours: Body
  readonly fields: ConflictView['fields']
}

/** After a decision the record is what was decided; compared with that, both sides would look alike. */
export function comparedSides({ row, current, fields }: ConflictView): ComparedSides {
  if (row.status === 'open') return { ours: current, fields }
  const ours = replaced(row)
  return { ours, fields: fieldChanges(row.base, ours, wholeTheirs(row, ours)) }
}

function replaced({ ours, decision }: ConflictRow): Body {
  if (decision === undefined) return ours
  // A decision that wrote nothing left the record as it was.
  return decision.before === undefined ? decision.result : (decision.before?.record ?? null)
}

/** A sender who narrowed the record says nothing about the other fields. */
function wholeTheirs({ theirs, slice }: ConflictRow, ours: Body): Body {
  if (theirs === null || ours === null || slice === undefined) return theirs
  const kept = Object.entries(ours).filter(([name]) => !slice.includes(name))
  return { ...Object.fromEntries(kept), ...theirs }
}
