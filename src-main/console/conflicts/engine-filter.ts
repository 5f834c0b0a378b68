/** Filters and rules of the screens, as the engine takes them. */
import type { ConflictFilter, DecisionRule } from '@klum-db/lobby'
import type { InputOf } from '../../../src-shared/ipc/contract.ts'

export type Filter = InputOf<'conflicts.previewMany'>['filter']
export type Rule = InputOf<'conflicts.previewMany'>['rule']

/** Absent members are left out: to the engine an undefined one is a condition too. */
export function engineFilter(filter: Filter): ConflictFilter {
  const { status = 'open', ...rest } = filter
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  return { status, ...Object.fromEntries(given) }
}

export function engineRule({ take, onlyFields = [], override = false }: Rule): DecisionRule {
  return { take, ...(onlyFields.length > 0 && { fields: onlyFields }), ...(override && { override }) }
}
