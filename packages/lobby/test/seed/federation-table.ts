/** Where our federation declarations are. Other parts have a table of their own beside this one. */
import type { Table } from './compare.ts'

const types = { from: 'federation/types.ts' }
const rows = { from: 'federation/registry/types.ts' }
const plan = { from: 'federation/fanout/plan.ts' }
const insights = { from: 'federation/insights/types.ts' }
const source = { from: 'federation/aggregate/record-source.ts' }
const spec = "{ readonly total: import('@noy-db/hub').Reducer<number> }"

export const federation: Table = {
  VaultTemplate: types,
  VaultRegistryRow: types,
  ShardingConfig: { ...types, args: '<Sample>' },
  VaultGroupOptions: { ...types, args: '<Sample>' },
  FleetMigrationResult: types,
  FanoutQueryOptions: types,
  SkippedVault: types,
  FanoutResult: { ...types, args: '<Sample>' },
  WhereClause: types,
  LiveQueryOptions: types,
  GroupedRow: { ...types, args: `<'id', ${spec}>` },
  CrossVaultLiveQuery: { ...types, args: '<Sample>' },
  CrossVaultLiveAggregation: { ...types, args: '<Sample>' },
  CrossVaultDerivationContext: insights,
  CrossVaultDerivationSpec: { ...insights, args: '<Sample, Sample>' },
  RefreshInsightsResult: insights,
  CapturedBlueprint: rows,
  SchemaManifestRow: rows,
  DeploymentEvent: rows,
  MigrationStatusRow: rows,
  SurfaceDirection: rows,
  SurfaceStatus: rows,
  SurfaceConflictPolicy: rows,
  SurfaceRow: rows,
  StateManagementVault: { from: 'federation/registry/state-management-vault.ts' },
  CrossShardJoinOptions: plan,
  BroadcastSource: plan,
  BroadcastJoinOptions: plan,
  CoPartitionedLeg: plan,
  BroadcastLeg: plan,
  FanoutRecordSource: { ...source, args: '<Sample>' },
  LiveBinding: source,
  CrossVaultAggregation: {
    from: 'federation/aggregate/cross-vault-aggregation.ts',
    args: `<Sample, ${spec}>`,
  },
  CrossVaultGroupedAggregation: {
    from: 'federation/aggregate/cross-vault-grouped-aggregation.ts',
    args: `<Sample, 'id', ${spec}>`,
  },
  VaultGroup: { from: 'federation/vault-group.ts', args: '<Sample>' },
  ShardedCollection: { from: 'federation/sharded-collection.ts', args: '<Sample, Sample>' },
  ShardedQuery: { from: 'federation/sharded-query.ts', args: '<Sample, Sample>' },
  ShardedGroupedQuery: { from: 'federation/sharded-query.ts', args: "<Sample, Sample, 'id'>" },
}
