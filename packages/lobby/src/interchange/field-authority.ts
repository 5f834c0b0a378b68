/** Field authority: per field, whose word counts. Pure; unclear cases keep the local value. */
import { isLater } from './instants.ts'
import type { FieldAuthorityInputs, FieldAuthorityPolicy, FieldAuthorityRule } from './types.ts'

/** Whether the incoming value of one field wins. */
export function resolveFieldAuthority(
  rule: FieldAuthorityRule,
  io: FieldAuthorityInputs,
): 'incoming' | 'local' {
  return incomingWins(rule, io) ? 'incoming' : 'local'
}

function incomingWins(rule: FieldAuthorityRule, io: FieldAuthorityInputs): boolean {
  switch (rule.authority) {
    case 'source-newest':
      if (io.incomingSourceTs === undefined) return false
      return io.localSourceTs === undefined || isLater(io.incomingSourceTs, io.localSourceTs)
    case 'owner':
      return io.incomingSource === rule.ownerSource
    case 'fixed-source':
      return io.incomingSource === rule.source
    default:
      return false // an untyped caller's rule that nobody knows
  }
}

/** Starts from the local record and takes the incoming value of each changed field whose rule says so. */
export function resolveRecordByFieldAuthority(
  policy: FieldAuthorityPolicy,
  before: Record<string, unknown>,
  incoming: Record<string, unknown>,
  changedFields: readonly string[],
  io: FieldAuthorityInputs,
): { merged: Record<string, unknown>; decisions: Record<string, 'incoming' | 'local'> } {
  const decided = changedFields.map((field) => {
    const rule = Object.hasOwn(policy, field) ? policy[field] : undefined
    return [field, rule === undefined ? 'local' : resolveFieldAuthority(rule, io)] as const
  })
  const taken = decided
    .filter(([, side]) => side === 'incoming')
    .map(([field]) => [field, Object.hasOwn(incoming, field) ? incoming[field] : undefined] as const)
  return { merged: { ...before, ...Object.fromEntries(taken) }, decisions: Object.fromEntries(decided) }
}
