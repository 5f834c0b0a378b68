/** Root entry point of the hub: one encrypted store of many vaults. */
export * from './errors.ts'
export { limits } from './limits.ts'
export type * from './types/audit.ts'
export type * from './types/bundle.ts'
export type * from './types/collection.ts'
export type * from './types/events.ts'
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
  Permissions,
  QueryAcrossResult,
  Role,
  VaultApi,
  VaultSchemaSnapshot,
} from './types/vault.ts'
