/** What an entry touched, in words. */
import type { ActivityRow } from '../../../src-shared/ipc/activity.ts'
import { counted, formatCount } from '../ui/format.ts'

/** "Alfreds Futterkiste +2"; what touched no client is the workspace's own. */
export function touchedClients({ clients }: ActivityRow, locale: string): string {
  const [first, ...others] = clients
  if (first === undefined) return 'The workspace'
  return others.length === 0 ? first.vaultName : `${first.vaultName} +${formatCount(others.length, locale)}`
}

/** "8 records"; nothing where no record of a client changed. */
export function changedRecords({ clients }: Pick<ActivityRow, 'clients'>, locale: string): string {
  const changed = clients.reduce((sum, part) => sum + part.changed, 0)
  return changed === 0 ? '' : counted(changed, 'record', 'records', locale)
}
