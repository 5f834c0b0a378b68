/** Kernel entry point: the pieces that engines above the hub build on. */
export { generateULID, readPath, sha256Hex } from './ids.ts'
export { isolate, isolateAsync } from './events/isolate.ts'
export { Mutex } from './transaction/mutex.ts'
export { diffFields, jsonEquals } from './diff/json.ts'
export { groupAndReduce, reduceRecords } from './reduce/reduce.ts'
export {
  CrossShardJoinError,
  DataResidencyError,
  NoAccessError,
  ReservedVaultNameError,
  ShardProvisioningError,
  UnknownShardError,
  ValidationError,
  VaultTemplateNotFoundError,
} from './errors.ts'
export type { Noydb } from './noydb/noydb.ts'
export type { Vault } from './vault/vault.ts'
export type { Collection } from './collection/collection.ts'
export type { Query } from './query/query.ts'
export type { QueryRow } from './query/source.ts'
export type { ChangeEvent } from './types/events.ts'
export type {
  AggregateResult,
  AggregateSpec,
  JoinStrategy,
  LiveAggregation,
  LiveQuery,
  Operator,
} from './types/query.ts'
export type { IndexDef } from './types/schema.ts'
