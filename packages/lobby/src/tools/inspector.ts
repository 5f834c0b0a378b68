/** A group as what inspectors of an instance expect: its shards are the vaults, and only they. */
import {
  UnknownShardError,
  type AccessibleVault,
  type Unsubscribe,
  type Vault,
  type WriteConflict,
  type WriteHook,
  type WriteQueue,
} from '@noy-db/hub'
import { fanOut } from '../federation/fanout/fan-out.ts'
import { coreOf } from '../federation/group-core.ts'
import { isShardOf, keyInVaultId } from '../federation/names.ts'
import type { VaultGroup } from '../federation/vault-group.ts'

/** A `Noydb` is one, too. */
export interface InspectableContainer {
  listAccessibleVaults(): Promise<readonly AccessibleVault[]>
  openVault(name: string): Promise<Vault>
  onAfterWrite(handler: WriteHook): Unsubscribe
  onWriteConflict(handler: (c: WriteConflict) => void): Unsubscribe
  readonly writeQueue: WriteQueue
}

/** The write queue is that of the whole instance. */
export function groupInspector<T>(group: VaultGroup<T>): InspectableContainer {
  const core = coreOf(group)
  const isOurs = (vault: string): boolean => isShardOf(group.name, vault)
  return {
    /** With the role this user has in each; shards that do not open are left out. */
    async listAccessibleVaults() {
      const answers = await fanOut(await group.allRows(), async (row) => (await core.open(row)).role, {})
      return answers.flatMap(({ row, answer: role }) => (role === undefined ? [] : { id: row.vaultId, role }))
    },
    /** Never creates. @throws UnknownShardError for anything but a registered shard */
    async openVault(name) {
      const row = await core.registry.get(name)
      if (row === null || row.status === 'removed')
        throw new UnknownShardError(keyInVaultId(group.name, name), group.name)
      return core.open(row)
    },
    onAfterWrite: (handler) =>
      group.db.onAfterWrite((event) => (isOurs(event.vault) ? handler(event) : undefined)),
    onWriteConflict: (handler) =>
      group.db.onWriteConflict((conflict) => {
        if (isOurs(conflict.vault)) handler(conflict)
      }),
    get writeQueue() {
      return group.db.writeQueue
    },
  }
}
