/** What an entry touched, in words. */
import type { ActivityRow } from '../../../src-shared/ipc/activity.ts'
import { counted } from '../ui/format.ts'

/** "8 records"; nothing where no record of a client changed. */
export function changedRecords({ clients }: Pick<ActivityRow, 'clients'>, locale: string): string {
  const changed = clients.reduce((sum, part) => sum + part.changed, 0)
  return changed === 0 ? '' : counted(changed, 'record', 'records', locale)
}
