/** What the parts of one group share: its registry, its template, and how a shard's vault is opened. */
import type { Transaction } from '@noy-db/hub'
import { DataResidencyError } from '@noy-db/hub'
import type { Collection, Noydb, Vault } from '@noy-db/hub/kernel'
import type { Append } from './registry/event-log.ts'
import { ShardRegistry } from './registry/shard-registry.ts'
import type { MigrationStatusRow } from './registry/types.ts'
import { StateManagementVault } from './registry/state-management-vault.ts'
import { noteGroup } from './known-groups.ts'
import type { ShardingConfig, VaultRegistryRow, VaultTemplate } from './types.ts'

export interface GroupSetup {
  readonly db: Noydb
  readonly name: string
  readonly registry: Collection<VaultRegistryRow>
  /** The parts of a sharding that do not depend on its record type. */
  readonly sharding: Pick<ShardingConfig<never>, 'vaultTemplate' | 'autoCreate' | 'regionOfKey'>
  readonly template: VaultTemplate
  readonly migrateOnOpen: boolean
}

export class GroupCore {
  readonly db: Noydb
  readonly name: string
  readonly sharding: GroupSetup['sharding']
  readonly template: VaultTemplate
  readonly migrateOnOpen: boolean
  readonly registry: ShardRegistry
  /** Told the vault id of a shard that was archived, restored or removed. */
  readonly shardListeners = new Set<(vaultId: string) => void>()
  /** Migrations under way, by vault id. */
  readonly migrations = new Map<string, Promise<MigrationStatusRow>>()
  readonly #configured = new WeakSet<Vault>()
  #state: StateManagementVault | null = null

  constructor({ db, name, registry, sharding, template, migrateOnOpen }: GroupSetup) {
    this.db = db
    this.name = name
    this.sharding = sharding
    this.template = template
    this.migrateOnOpen = migrateOnOpen
    this.registry = new ShardRegistry(db, name, registry)
    noteGroup(db, name, registry.vaultName)
  }

  attachState(state: StateManagementVault): void {
    this.#state = state
  }

  /** Opened on first need, and attached from then on. */
  async state(): Promise<StateManagementVault> {
    this.#state ??= await StateManagementVault.open(this.db)
    return this.#state
  }

  /** Registry rows and their events in one transaction; without a state vault there is no log to write to. */
  async write(
    command: string,
    work: (tx: Transaction, append: Append) => Promise<void> | void,
  ): Promise<void> {
    if (this.#state !== null) return this.#state._transaction(command, work)
    await this.db.transaction((tx) => work(tx, () => undefined), { command })
  }

  /** Never creates. @throws NoAccessError, DataResidencyError */
  async open(row: Pick<VaultRegistryRow, 'vaultId' | 'region'>): Promise<Vault> {
    if (row.region !== undefined) this.assertRegion(row.vaultId, row.region)
    return this.configure(await this.db.openVault(row.vaultId, { create: false }))
  }

  /** Once per handle: the hub gives the same one for the same vault, and its first declarations count. */
  configure(vault: Vault): Vault {
    if (this.#configured.has(vault)) return vault
    this.template.configure(vault)
    this.#configured.add(vault)
    return vault
  }

  /** @throws DataResidencyError unless the backend of the vault declares exactly this region */
  assertRegion(vaultId: string, required: string): void {
    const declared = this.db._resolveBackend(vaultId).capabilities?.region
    if (declared !== required) throw new DataResidencyError(vaultId, required, declared)
  }

  /** Before a vault is made: who may not register it would leave it behind. @throws ReadOnlyError, NoAccessError */
  async assertMayRegister(): Promise<void> {
    const registry = await this.registry.vault()
    registry._introspectState().assertMayWrite(this.registry.collection.name)
    this.#state?._assertMayLog()
  }

  /** An unencrypted vault has no keyring to tell it from none, so there the registry is believed. */
  async isProvisioned(vaultId: string): Promise<boolean> {
    if (await this.db._shardVaultProvisioned(vaultId)) return true
    return !(await this.registry.vault())._introspectState().encrypted
  }

  shardChanged(vaultId: string): void {
    for (const listener of [...this.shardListeners]) listener(vaultId)
  }
}

const cores = new WeakMap<object, GroupCore>()

export function registerCore(group: object, core: GroupCore): void {
  cores.set(group, core)
}

/** The inside of a `VaultGroup`, for the parts of this package. */
export function coreOf(group: object): GroupCore {
  const core = cores.get(group)
  if (core === undefined) throw new TypeError('This is no vault group.')
  return core
}
