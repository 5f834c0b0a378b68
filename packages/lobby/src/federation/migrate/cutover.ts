/** The hub's cutover of one vault: rewrites every record that its template's new schema no longer fits. */
import type { Vault } from '@noy-db/hub/kernel'
import { CutoverStaleError } from '../../templates/errors.ts'
import type { VaultTemplate } from '../types.ts'

/** Somebody writes to the vault while it is prepared; each lost race is one attempt. */
const ATTEMPTS = 5

/**
 * A template without schema changes has nothing to cut over. What the template prepared and was overtaken by a write is
 * prepared again. @throws SchemaFenceError, QuiesceTimeoutError, ReadOnlyError, what a transform throws
 */
export async function runCutover(vault: Vault, template: VaultTemplate): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await vault.runSchemaCutover()
      return
    } catch (error) {
      if (!(error instanceof CutoverStaleError) || attempt === ATTEMPTS) throw error
      await template.prepared?.(vault)?.refresh()
    }
  }
}

/** The schema generation a vault is at. */
export async function generationOf(vault: Vault): Promise<number> {
  return (await vault.schemaFenceState()).currentSchemaVersion
}

/** Records rewritten by the cutover that led beyond a generation; whoever ran it, and whether or not it lived to tell. */
export async function recordsMigratedSince(vault: Vault, generation: number): Promise<number> {
  const last = await vault._lastCutover()
  return last !== null && last.generation > generation ? last.records : 0
}
