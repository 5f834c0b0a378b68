/** The hub's cutover of one vault: rewrites every record that its template's new schema no longer fits. */
import type { Vault } from '@noy-db/hub/kernel'

interface CutsOver {
  runSchemaCutover(): Promise<{ migrated: number; recordsMigrated?: number }>
}

/** Records rewritten. A template without schema changes has nothing to cut over. */
export async function runCutover(vault: Vault): Promise<number> {
  await vault._drainPendingSchemaWrites()
  if (!cutsOver(vault)) return 0
  const { migrated, recordsMigrated } = await vault.runSchemaCutover()
  return recordsMigrated ?? migrated
}

function cutsOver(vault: object): vault is CutsOver {
  return 'runSchemaCutover' in vault && typeof vault.runSchemaCutover === 'function'
}
