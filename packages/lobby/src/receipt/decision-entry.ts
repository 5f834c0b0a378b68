/** A row of the queue as a receipt tells it: no value of a record, but hashes that a holder of the bodies can compare. */
import { hashJson } from '../canonical-json.ts'
import type { Body } from '../import/types.ts'
import type { ConflictRow, Decision, Resolution } from '../queue/types.ts'
import type { ReceiptDecision } from './format.ts'

/** Null for a row without a decision that stands. */
export function decisionEntry(row: ConflictRow): ReceiptDecision | null {
  const { decision, status } = row
  if (decision === undefined || (status !== 'decided' && status !== 'closed')) return null
  return { ...placeOf(row), status, ...contentsOf(row, decision), ...decidedPart(decision) }
}

function placeOf(row: ConflictRow) {
  const { vault, collection, recordId, conflictId, kind, importId, party, queuedAt } = row
  return { vault, collection, recordId, conflictId, kind, importId, party, queuedAt }
}

function contentsOf(row: ConflictRow, decision: Decision) {
  const { base, ours, theirs, oursOrigin, theirsOrigin, baseOrigin, slice, duplicateOf } = row
  return {
    fields: [...row.fields],
    ...(slice !== undefined && { slice: [...slice] }),
    ...(duplicateOf !== undefined && { duplicateOf }),
    hashes: {
      base: hashOf(base),
      ours: hashOf(ours),
      theirs: hashOf(theirs),
      before: hashOf(replaced(decision)),
      result: hashOf(decision.result),
    },
    origins: { ours: oursOrigin, theirs: theirsOrigin, base: baseOrigin },
  }
}

function decidedPart(decision: Decision) {
  const { resolution, reason, actor, batchId, decidedAt, beforeVersion, afterVersion } = decision
  return {
    versions: { before: beforeVersion, after: afterVersion },
    choice: resolution.kind,
    ...picksOf(resolution),
    reason,
    actor,
    batchId,
    decidedAt,
  }
}

/** A decision that wrote nothing left what was there. */
function replaced({ before, result }: Decision): Body | null {
  return before === undefined ? result : (before?.record ?? null)
}

function hashOf(body: Body | null): string | null {
  return body === null ? null : hashJson(body)
}

function picksOf(resolution: Resolution): Pick<ReceiptDecision, 'picks'> {
  if (resolution.kind !== 'fields') return {}
  const picks = Object.entries(resolution.picks).map(([path, { pick }]) => ({ path, pick }))
  return { picks: picks.sort((left, right) => (left.path < right.path ? -1 : 1)) }
}
