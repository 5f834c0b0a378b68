/** Store entry point: the port and what composes stores. */
export type {
  EncryptedEnvelope,
  ListPageResult,
  NoydbStore,
  StoreAuthKind,
  StoreCapabilities,
  StoreStats,
  TxCopyOp,
  TxOp,
  TxWriteOp,
  VaultSnapshot,
} from './types/store.ts'
export { ConflictError, NoydbError, StoreCapabilityError } from './errors.ts'
export { routeStore, type RoutedNoydbStore, type RouteStoreOptions } from './route-store/route-store.ts'
