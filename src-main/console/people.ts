/** Names for user ids and sources: screens name people, never accounts. */
import { type Open, userId } from './session.ts'

/** The person's own name for the id this program writes under; any other id as it is. */
export function personName(open: Open, by: string | null | undefined): string | null {
  if (by === null || by === undefined || by === '') return null
  if (by !== userId) return by
  return open.profile.userName === '' ? by : open.profile.userName
}
