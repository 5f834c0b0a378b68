/** From options to a group: with its own registry, or managed by the state vault. */
import { isolateAsync, type Noydb } from '@noy-db/hub/kernel'
import { checkGroupName } from './names.ts'
import { StateManagementVault } from './registry/state-management-vault.ts'
import type { VaultGroupOptions, VaultTemplate } from './types.ts'
import { VaultGroup } from './vault-group.ts'

export async function openVaultGroup<T>(
  db: Noydb,
  name: string,
  { registry, sharding, migrateOnOpen }: VaultGroupOptions<T>,
  template: VaultTemplate,
): Promise<VaultGroup<T>> {
  checkGroupName(name)
  if (registry !== undefined) return new VaultGroup(db, name, registry, sharding, template, migrateOnOpen)
  const state = await StateManagementVault.open(db)
  const group = new VaultGroup(db, name, state.registry, sharding, template, migrateOnOpen)
  group._attachStateVault(state)
  await noteOpening(state, name, sharding.vaultTemplate, template)
  return group
}

/**
 * The manifest has to be there, unless this user may not write it; that the opening is noted in the log is worth a warning, not a
 * closed group. Who may not write the log leaves no note.
 */
async function noteOpening(
  state: StateManagementVault,
  group: string,
  templateName: string,
  template: VaultTemplate,
): Promise<void> {
  const manifest = await state._ensureManifest(templateName, template)
  if (!state._mayLog()) return
  await isolateAsync(`Logging the opening of the group ${group}`, () =>
    state._transaction('groups.open', (_tx, append) => {
      const { version } = template
      if (manifest === 'recorded') append({ type: 'manifest-recorded', group, templateName, version })
      append({ type: 'group-opened', group })
    }),
  )
}
