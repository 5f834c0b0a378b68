/** Who may migrate a shard: whoever may rewrite every collection whose schema moves. */
import { ReadOnlyError } from '@noy-db/hub'
import type { Vault } from '@noy-db/hub/kernel'
import { declarationsOf } from '../registry/blueprint.ts'
import type { VaultTemplate } from '../types.ts'

/**
 * A collection that this user cannot read is not compared with its stored schema, so a cutover would leave its records
 * behind and the shard pass for migrated. @throws NoAccessError
 */
export function assertReadsAll(vault: Vault, template: VaultTemplate): void {
  const { assertMayWrite } = vault._introspectState()
  for (const { name } of declarationsOf(template)) {
    try {
      assertMayWrite(name)
    } catch (error) {
      if (!(error instanceof ReadOnlyError)) throw error // whether it has to be written is for the cutover to say
    }
  }
}
