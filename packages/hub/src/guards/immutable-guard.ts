/** Records that may not change any more: issued invoices, closed periods, events. */
import { checkCollectionName } from '../collection/check-name.ts'
import { RecordLockedError, ValidationError } from '../errors.ts'
import type { GuardedWrite } from '../transaction/guard-point.ts'
import type { GuardStrategyHandle, ImmutableGuardConfig } from '../types/guards.ts'

/**
 * Refuses to change or delete a stored record that is final: always with `appendOnly`, else once `after` says
 * so of the record as it is stored. The refused call rejects with RecordLockedError and nothing is written.
 * @throws ValidationError unless exactly one of the two is given
 */
export function immutableGuard<T extends Record<string, unknown>>(
  config: ImmutableGuardConfig<T>,
): GuardStrategyHandle<T> {
  const { collection, after, appendOnly = false, amendmentRoles = [] } = config
  checkCollectionName(collection)
  if ((after !== undefined) === appendOnly)
    throw new ValidationError('An immutable guard is given either `after` or `appendOnly: true`.')
  const reason = after === undefined ? 'the collection is append-only' : 'the record is final'
  const isFinal = (record: T): boolean => after === undefined || after(record)
  const isAmendment = ({ role, reason = '' }: GuardedWrite): boolean =>
    amendmentRoles.some((allowed) => allowed === role) && reason.trim() !== ''
  return {
    __noydb_strategy: 'guard',
    spec: {
      collection,
      isFinal,
      async check(write) {
        if (isAmendment(write)) return
        const stored = await write.existing()
        // The type of a collection's records is the caller's claim, here as in `collection<T>()`.
        if (stored !== null && isFinal(stored as T)) throw new RecordLockedError(collection, write.id, reason)
      },
    },
  }
}
