/** What the hub knows of the cutovers of one vault. */
import type { Vault } from '@noy-db/hub/kernel'

/** The schema generation a vault is at. */
export async function generationOf(vault: Vault): Promise<number> {
  return (await vault.schemaFenceState()).currentSchemaVersion
}

/** Records rewritten by the cutover that led beyond a generation; whoever ran it, and whether or not it lived to tell. */
export async function recordsMigratedSince(vault: Vault, generation: number): Promise<number> {
  const last = await vault._lastCutover()
  return last !== null && last.generation > generation ? last.records : 0
}
