/** Whether an error says that this user may not, rather than that something is wrong. */
import { KeyringExpiredError, NoAccessError, ReadOnlyError } from '@noy-db/hub'

export function isMissingAccess(error: unknown): boolean {
  return (
    error instanceof NoAccessError || error instanceof ReadOnlyError || error instanceof KeyringExpiredError
  )
}
