/** Root entry point of the hub: one encrypted store of many vaults. */
export * from './errors.ts'
export { limits } from './limits.ts'
export { createNoydb } from './noydb/create-noydb.ts'
export { Noydb } from './noydb/noydb.ts'
export { Vault } from './vault/vault.ts'
export { Collection } from './collection/collection.ts'
export { Query } from './query/query.ts'
export { coordinatedCutover } from './schema/strategies.ts'
export type { QueryRow } from './query/source.ts'
export { STATE_VAULT_NAME } from './vault/state-vault.ts'
export { ref } from './refs/ref.ts'
export { diffVault, type DiffCandidate, type DiffVaultOptions } from './diff/diff-vault.ts'
export type { FieldDiff } from './diff/json.ts'
export type { VaultDiff } from './diff/vault-diff.ts'
export { hasNoydbBundleMagic } from './pod/container.ts'
export { readNoydbBundlePublicEnvelope } from './pod/read-bundle.ts'
export { CustodyApi } from './custody/custody-api.ts'
export { createDeedOwner, type DeedOptions } from './custody/deed.ts'
export { isDeedVault, loadDeedMarker } from './custody/deed-marker.ts'
export { liberateVault } from './custody/liberate.ts'
export { MemorySealingKeyProvider } from './custody/memory-sealing.ts'
export { generateULID } from './ids.ts'
export { routeStore } from './route-store/route-store.ts'
export type { GuardedWrite, GuardRun, WriteGuard } from './transaction/guard-point.ts'
export type * from './types/access.ts'
export type * from './types/audit.ts'
export type * from './types/bundle.ts'
export type * from './types/collection.ts'
export type * from './types/custody.ts'
export type * from './types/events.ts'
export type * from './types/guards.ts'
export type * from './types/query.ts'
export type * from './types/schema.ts'
export type * from './types/store.ts'
export type * from './types/transaction.ts'
export type {
  AccessibleVault,
  CollectionDescriptor,
  CollectionStats,
  ExportChunk,
  KdfParameters,
  NoydbApi,
  NoydbOptions,
  QueryAcrossResult,
  VaultApi,
  VaultIntrospectState,
  VaultSchemaSnapshot,
} from './types/vault.ts'
