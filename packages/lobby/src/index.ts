/** Orchestration over many encrypted vaults: groups of shards, bundles, imports, the conflict queue, identity. */
export {
  AlreadyImportedError,
  BundleInvalidError,
  DecisionEditedError,
  DecisionInvalidError,
  FieldAuthorityPolicyMissingError,
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- part of the published exports
  FieldLevelDeferredError,
  ImportRefusedRowsError,
  LobbyError,
  PlanStaleError,
  type LobbyErrorCode,
} from './errors.ts'
export {
  decodeMultiBundle,
  encodeMultiBundle,
  hasMultiBundleMagic,
  NOYDB_MULTI_BUNDLE_MAGIC,
  NOYDB_MULTI_BUNDLE_PREFIX_BYTES,
  NOYDB_MULTI_BUNDLE_VERSION,
} from './bundle/container.ts'
export { readMultiVaultBundleCompartment, readNoydbBundleManifest } from './bundle/read.ts'
export { writeMultiVaultBundle } from './bundle/write.ts'
export type { CompartmentManifest, MultiBundleManifest, MultiVaultCompartmentInput } from './bundle/types.ts'
export { ownIdentity, renameOwnParty } from './identity/own-identity.ts'
export { listSenders } from './identity/known-senders.ts'
export type * from './identity/types.ts'
export { exportBundle, type ExportBundleOptions, type ExportedBundle } from './exchange/export-bundle.ts'
export type { ExportVault } from './exchange/pack-vault.ts'
export {
  decodeKeyFile,
  encodeKeyFile,
  keysFor,
  type KeyFile,
  type KeyFileInput,
} from './exchange/key-file.ts'
export { inspectBundle, type BundleFacts } from './import/inspect.ts'
export { planImport, type PlanImportOptions } from './import/plan.ts'
export { applyImport, type ApplyWork } from './import/apply.ts'
export { planUndo, undoImport, type UndoOptions } from './import/undo.ts'
export { findImport, listImports } from './import/journal.ts'
export type * from './import/types.ts'
export { ConflictQueue, openConflictQueue, type ConflictQueueOptions } from './queue/conflict-queue.ts'
export type { RepairMode, RepairReport } from './queue/repair-index.ts'
export type * from './queue/types.ts'
export { mergeCompartment } from './interchange/merge-compartment.ts'
export { mergeDecryptedRecords } from './interchange/merge-records.ts'
export { resolveFieldAuthority, resolveRecordByFieldAuthority } from './interchange/field-authority.ts'
export { fieldChanges } from './interchange/field-changes.ts'
export { joinPath, splitPath } from './interchange/record-path.ts'
export { mergeThreeWay, type ThreeWayResult } from './interchange/three-way.ts'
export type * from './interchange/types.ts'
export type * from './campaign/index.ts'
export * from './snapshot/index.ts'
export { verifyAudit, type VaultAuditReport } from './verify-audit.ts'
export { createLobby, Lobby } from './lobby.ts'
export { DockedUnit, InMemoryUnitDriver, type ForeignRecord, type UnitDriver } from './dock/docked-unit.ts'
export { UnitGraduationError } from './dock/graduate/error.ts'
export type * from './dock/graduate/types.ts'
export { dockLimits } from './dock/limits.ts'
export {
  databaseReader,
  type ForeignDatabase,
  type ForeignDatabaseFailure,
  type ForeignTable,
  type ForeignValue,
  type OpenForeignDatabase,
} from './dock/database/reader.ts'
export { partyOfProfile, planForeign, type PlanForeignOptions } from './dock/plan-foreign.ts'
export { mapRows } from './dock/profile/map-rows.ts'
export type { MappedFault, MappedRow } from './dock/profile/mapped-row.ts'
export { previewMapping, type MappingPreview, type PreviewOptions } from './dock/profile/preview.ts'
export {
  deleteProfile,
  getProfile,
  listProfiles,
  saveProfile,
  type SavedProfile,
} from './dock/profile/saved.ts'
export { ofxProfile, ublProfile } from './dock/profile/ready-made.ts'
export { parseProfile, type MappingProfile, type MappingProfileInput } from './dock/profile/schema.ts'
export type { NaturalKey } from './import/vault-merge.ts'
export { foreignReaders } from './dock/readers.ts'
export { SourceError } from './dock/source/error.ts'
export { bytesSource, fileSource } from './dock/source/open.ts'
export { placesText, placeText, type Place } from './dock/source/place.ts'
export type * from './dock/source/types.ts'
export { newPartitionKey } from './federation/names.ts'
export {
  CrossShardJoinError,
  DataResidencyError,
  ReservedVaultNameError,
  ShardProvisioningError,
  UnknownShardError,
  VaultTemplateNotFoundError,
} from '@noy-db/hub/kernel'
// Custody is the hub's; forwarded so that a console needs one entry point.
export { createDeedOwner, CustodyApi, isDeedVault, liberateVault, loadDeedMarker } from '@noy-db/hub'
export type { DeedMarker, GrantCustodianOptions, LiberateOptions, LiberateResult } from '@noy-db/hub'
// Instances come from the lobby, so the classes are exported as types.
export type { CrossVaultAggregation } from './federation/aggregate/cross-vault-aggregation.ts'
export type { CrossVaultGroupedAggregation } from './federation/aggregate/cross-vault-grouped-aggregation.ts'
export type { EventLogReport } from './federation/registry/event-log.ts'
export { quantile, type QuantileState } from './federation/aggregate/quantile.ts'
export type * from './federation/insights/types.ts'
export type { StateManagementVault } from './federation/registry/state-management-vault.ts'
export type * from './federation/registry/types.ts'
export type { MigrateFleetOptions } from './federation/migrate/migrate-fleet.ts'
export type { CreateShardOptions } from './federation/shards/create-shard.ts'
export type { PutManyOptions, PutManyReport } from './federation/shards/routed-writes.ts'
export type {
  BroadcastJoinOptions,
  BroadcastSource,
  CrossShardJoinOptions,
} from './federation/fanout/plan.ts'
export type { ShardedCollection } from './federation/sharded-collection.ts'
export type { ShardedGroupedQuery, ShardedQuery } from './federation/sharded-query.ts'
export type { VaultGroup } from './federation/vault-group.ts'
export type {
  CrossVaultLiveAggregation,
  CrossVaultLiveQuery,
  FanoutQueryOptions,
  FanoutResult,
  FleetMigrationResult,
  FleetWork,
  GroupedRow as CrossVaultGroupedRow,
  LiveQueryOptions,
  ShardingConfig,
  ShardRef,
  SkippedVault,
  VaultGroupOptions,
  VaultRegistryRow,
  VaultTemplate,
} from './federation/types.ts'
export { groupInspector, type InspectableContainer } from './tools/inspector.ts'
export {
  meterGroup,
  type GroupMeterReport,
  type GroupShardMetrics,
  type MeterOptions,
} from './tools/meter.ts'
export { walkCrossVaultClosure } from './closure/walk.ts'
export { extractCrossVaultPartition, packCrossVaultPlan } from './closure/extract.ts'
export { describeCrossVaultExtraction } from './closure/describe.ts'
export { exportsOfPlan } from './closure/export-plan.ts'
export { CrossVaultDanglingRefError } from './closure/error.ts'
export type * from './closure/types.ts'
export { acceptCard, ownCard, readCard, type Card } from './identity/card.ts'
export { knownRecipient } from './exchange/recipient.ts'
export { decodeKeyText, encodeKeyText, KeyMistypedError } from './exchange/key-text.ts'
export { unwrapKeys, wrapKeys } from './exchange/key-wrapped.ts'
export { sealKeys, unsealKeys } from './exchange/key-sealed.ts'
export { keyFormOf, readKeys, type KeyForm, type ReadKeysOptions } from './exchange/read-keys.ts'
export {
  migrateThenMerge,
  type MigrateThenMergeOptions,
  type MigrateThenMergeReport,
  type MigrationStep,
} from './interchange/migrate-then-merge.ts'
export { MigrationTransformRequiredError, MinVersionError } from './interchange/migration-errors.ts'
export type { DeclaredMigration } from './templates/upgrade-records.ts'
export { readVerifiedCompartment } from './bundle/read.ts'
export { amountChanges } from './invariants/amount-changes.ts'
export {
  closedPeriods,
  closePeriod,
  closePeriods,
  periodBook,
  reopenPeriod,
  reopenPeriods,
} from './invariants/closed-periods.ts'
export type {
  ClosedMonths,
  ClosedPeriod,
  ClosedThrough,
  PeriodBook,
  Periods,
} from './invariants/period-book.ts'
export { PeriodLock, type PeriodLockOptions } from './invariants/period-lock.ts'
export { judgeChanges, type RecordChange } from './invariants/judge-change.ts'
export { asException, isOpen, type Exception } from './invariants/override.ts'
export { PeriodClosedError } from './invariants/period-closed-error.ts'
export { listExceptions, putException, type ExceptionsFilter } from './invariants/exceptions.ts'
export type * from './invariants/types.ts'
export { RulesBrokenError } from './errors.ts'
export { fieldOrigins, type FieldOrigin } from './interchange/field-origins.ts'
export { exportReceipt, type ExportedReceipt } from './receipt/export-receipt.ts'
export {
  receiptLimits,
  type Receipt,
  type ReceiptDecision,
  type ReceiptImport,
  type ReceiptScope,
  type ReceiptVault,
} from './receipt/format.ts'
export { verifyReceipt, type ReceiptProof, type VerifyReceiptOptions } from './receipt/verify.ts'
export { exportLimits } from './export/limits.ts'
export type { ExportMultiVaultXlsxOptions } from './export/xlsx/export-closure.ts'
export { toBytesMultiVault } from './export/xlsx/multi-vault.ts'
export type * from './export/xlsx/types.ts'
export { exportCsv, type CsvOptions } from './export/csv.ts'
export { exportJsonLines, type JsonLine } from './export/json-lines.ts'
export { exportReport, type ReportOptions, type ReportTable } from './export/report/report.ts'
export type { TableSource } from './export/table.ts'
export * from './surfaces/index.ts'
export { columnsOfProfile, fitsColumns } from './dock/profile/columns.ts'
export { putProfile } from './dock/profile/saved.ts'
export { recogniseSource } from './dock/source/recognise.ts'
export { sha256Of } from './dock/source/open.ts'
export { sampleTable } from './dock/source/sample.ts'
export { fingerprintOf } from './identity/keys.ts'
export { previewRows } from './dock/profile/preview.ts'
