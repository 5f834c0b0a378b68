/** What is noted of a record that is written against its rules. */
import type { BrokenRule, RuleException } from './types.ts'

export type Exception = Pick<RuleException, 'rule' | 'message' | 'reason'>

/** Whether a broken rule stands in the way. */
export function isOpen(broken: readonly BrokenRule[] | undefined): boolean {
  return (broken ?? []).some(({ enforce }) => enforce !== 'note')
}

/** One for each broken rule; one for the lock a guard holds, where no rule is known to be broken. */
export function asException(broken: readonly BrokenRule[] | undefined, reason: string): Exception[] {
  const open = (broken ?? []).filter(({ enforce }) => enforce !== 'note')
  if (open.length === 0) return [{ rule: 'locked', message: 'The record is locked.', reason }]
  return open.map(({ rule, message }) => ({ rule, message, reason }))
}
