/** Many vaults of one kind: a shard for each partition key, found through a registry and configured by one template. */
import type { Collection, Noydb, Vault } from '@noy-db/hub/kernel'
import { Campaigns, type CampaignOptions } from '../campaign/campaigns.ts'
import { resolveEligible, type Eligible } from './fanout/eligible.ts'
import { GroupCore, registerCore } from './group-core.ts'
import { insightRows } from './insights/freshness.ts'
import { Insights } from './insights/insights.ts'
import type {
  CrossVaultDerivationSpec,
  InsightRow,
  InsightTarget,
  RefreshInsightsOptions,
  RefreshInsightsResult,
} from './insights/types.ts'
import { migrateFleet, type MigrateFleetOptions } from './migrate/migrate-fleet.ts'
import { migrateShard } from './migrate/migrate-shard.ts'
import { checkGroupName, shardVaultId } from './names.ts'
import type { MigrationStatusRow } from './registry/types.ts'
import type { StateManagementVault } from './registry/state-management-vault.ts'
import { createShard, existingShard, type CreateShardOptions } from './shards/create-shard.ts'
import { displayNames } from './shards/display-name.ts'
import { renameShard, setShardStatus } from './shards/lifecycle.ts'
import { openShard } from './shards/open-shard.ts'
import { ShardedCollection } from './sharded-collection.ts'
import type {
  FanoutQueryOptions,
  FleetMigrationResult,
  FleetWork,
  ShardingConfig,
  VaultRegistryRow,
  VaultTemplate,
} from './types.ts'

export class VaultGroup<T> {
  readonly db: Noydb
  readonly name: string
  readonly registry: Collection<VaultRegistryRow>
  readonly sharding: ShardingConfig<T>
  readonly template: VaultTemplate
  readonly migrateOnOpen: boolean
  readonly #core: GroupCore
  readonly #insights: Insights

  /** Use `lobby.openVaultGroup`. @throws ValidationError, ReservedVaultNameError for the name */
  constructor(
    db: Noydb,
    name: string,
    registry: Collection<VaultRegistryRow>,
    sharding: ShardingConfig<T>,
    template: VaultTemplate,
    migrateOnOpen = false,
  ) {
    checkGroupName(name)
    this.db = db
    this.name = name
    this.registry = registry
    this.sharding = sharding
    this.template = template
    this.migrateOnOpen = migrateOnOpen
    this.#core = new GroupCore({ db, name, registry, sharding, template, migrateOnOpen })
    this.#insights = new Insights(this.#core)
    registerCore(this, this.#core)
  }

  /** @internal */
  _attachStateVault(sv: StateManagementVault): void {
    this.#core.attachState(sv)
  }

  /** @throws ValidationError, ReservedVaultNameError for the key */
  shardVaultId(partitionKey: string): string {
    return shardVaultId(this.name, partitionKey)
  }

  /** The same as the vault id. */
  registryId(partitionKey: string): string {
    return this.shardVaultId(partitionKey)
  }

  /** Rows of this group in registry order; without removed shards. */
  async allRows(): Promise<VaultRegistryRow[]> {
    return (await this.#core.registry.rows()).filter(({ status }) => status !== 'removed')
  }

  /**
   * The vault of a key, configured, whether or not it is registered; never creates. With `migrateOnOpen` it is brought to the
   * template's version first. @throws NoAccessError, DataResidencyError, ValidationError for the key, LobbyError SHARD_REMOVED |
   * SHARD_MIGRATION_FAILED | SHARD_MIGRATION_WAITING
   */
  openShard(partitionKey: string): Promise<Vault> {
    return openShard(this.#core, partitionKey)
  }

  /**
   * The shard, made and registered where there is none. A vault that is there without a row is adopted: its records are brought to
   * the template's version before it counts as current. `region` defaults to `regionOfKey`.
   * @throws ShardProvisioningError for a row without a vault; DataResidencyError; ReadOnlyError, NoAccessError for who may not
   * register it, before anything is made; ValidationError for the key; LobbyError SHARD_REMOVED; what a transform throws
   */
  createShard(partitionKey: string, region?: string, options: CreateShardOptions = {}): Promise<Vault> {
    return createShard(this.#core, partitionKey, region, options)
  }

  /** A registered shard; otherwise as `openShard`. @throws UnknownShardError, ShardProvisioningError, what `openShard` throws */
  shard(partitionKey: string): Promise<Vault> {
    return existingShard(this.#core, partitionKey)
  }

  /** One collection over all shards. Touches no storage. */
  collection<R = T>(collectionName: string): ShardedCollection<T, R> {
    return new ShardedCollection<T, R>(this, collectionName)
  }

  /** @internal */
  resolveEligible(
    options: Pick<FanoutQueryOptions, 'minVersion' | 'includeArchived'> = {},
  ): Promise<Eligible> {
    return resolveEligible(this.#core, options)
  }

  /**
   * One summary per shard, kept in a vault of its own. Nothing is computed yet. Whoever reads the target learns what the
   * summaries say of many shards, so they hold totals and no records. @throws ValidationError for a target in client data
   * or the control plane
   */
  withCrossVaultDerivation<R = Record<string, unknown>, S = Record<string, unknown>>(
    spec: CrossVaultDerivationSpec<R, S>,
  ): void {
    this.#insights.register(spec)
  }

  /**
   * Derives every registered summary; one bad shard or derivation is reported and its earlier row marked stale.
   * @throws ReadOnlyError, NoAccessError for a target this user may not write, before any shard is read
   */
  refreshInsights(options: RefreshInsightsOptions = {}): Promise<RefreshInsightsResult> {
    return this.#insights.refresh(options)
  }

  /** Once no automatic push is due. Never rejects. */
  whenInsightsSettled(): Promise<void> {
    return this.#insights.settled()
  }

  /** The summaries of a target, each with whether it still holds. @throws NoAccessError where the target does not open */
  insightRows<S = Record<string, unknown>>(target: InsightTarget): Promise<InsightRow<S>[]> {
    return insightRows<S>(this.#core, target)
  }

  /** Ends automatic pushes and lets go of the instance's events. */
  dispose(): void {
    this.#insights.release()
  }

  /**
   * Brings one shard to the template's version and returns the last status row. Failing is a status, and so is waiting: for somebody
   * with access, or for another session until `waitingUntil`; ask again then. @throws UnknownShardError
   */
  migrateShard(partitionKey: string): Promise<MigrationStatusRow> {
    return migrateShard(this.#core, partitionKey)
  }

  /**
   * Every shard that is behind, `batchSize` at a time (default 4), archived ones included. Shards that are current are not
   * listed. @throws the reason of an aborted signal; one bad shard is an entry of the report
   */
  migrateFleet(options: MigrateFleetOptions = {}): Promise<FleetMigrationResult> {
    return migrateFleet(this.#core, options)
  }

  /** Migrations of the fleet with a plan, snapshots, a canary cohort and a gate. */
  campaign(options?: CampaignOptions): Campaigns {
    return new Campaigns(this.#core, options)
  }

  /** Left out of fan-outs and closed to routed writes, until it is restored. @throws UnknownShardError */
  archiveShard(partitionKey: string): Promise<VaultRegistryRow> {
    return setShardStatus(this.#core, partitionKey, 'archived')
  }

  /** Leaves a tombstone in the registry and the vault in the store. @throws UnknownShardError */
  removeShard(partitionKey: string): Promise<VaultRegistryRow> {
    return setShardStatus(this.#core, partitionKey, 'removed')
  }

  /** An archived or removed shard is active again. @throws UnknownShardError */
  restoreShard(partitionKey: string): Promise<VaultRegistryRow> {
    return setShardStatus(this.#core, partitionKey, 'active')
  }

  /** The name people see, stored in the shard; key and vault keep theirs. @throws UnknownShardError, ShardProvisioningError */
  renameShard(partitionKey: string, displayName: string): Promise<void> {
    return renameShard(this.#core, partitionKey, displayName)
  }

  /** By partition key, of the shards this user can open. */
  displayNames(work: FleetWork = {}): Promise<Map<string, string>> {
    return displayNames(this.#core, work)
  }
}
