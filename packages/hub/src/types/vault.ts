/** One vault, and the instance that opens vaults. */
import type { KeyObject } from 'node:crypto'
import type {
  ExportCapabilityChange,
  GrantCustodianOptions,
  GrantOptions,
  RevokeOptions,
  Role,
} from './access.ts'
import type { AuditApi } from './audit.ts'
import type { CollectionApi, RecordEntry } from './collection.ts'
import type { VaultCustody } from './custody.ts'
import type { GuardStrategyHandle } from './guards.ts'
import type { NoydbEventMap, Unsubscribe, WriteConflict, WriteHook, WriteQueue } from './events.ts'
import type {
  CollectionOptions,
  CutoverOptions,
  CutoverResult,
  FenceState,
  RefDescriptor,
  RefMode,
} from './schema.ts'
import type { EncryptedEnvelope, NoydbStore } from './store.ts'
import type { SidecarApi, Transaction, TransactionOptions } from './transaction.ts'

export type { Permissions, Role } from './access.ts'

export interface AccessibleVault {
  readonly id: string
  readonly role: Role
}

export interface ExportChunk {
  readonly collection: string
  readonly schema: unknown
  readonly refs: Record<string, RefDescriptor>
  readonly records: readonly unknown[]
}

export interface CollectionStats {
  records: number
  bytes: number
  bytesAvg: number
  bytesMin: number
  bytesMax: number
  oldest: string | null
  newest: string | null
}

export interface CollectionDescriptor {
  fields: Record<string, unknown>
  indexes: readonly unknown[]
  refs: Record<string, { target: string; mode: string }>
  stats?: CollectionStats
}

export interface VaultSchemaSnapshot {
  vault: string
  collections: Record<string, CollectionDescriptor>
}

/** The inside of an open vault, for the hub's own bundle code and for what lobby reads of it. */
export interface VaultIntrospectState {
  /** The raw store. */
  readonly adapter: NoydbStore
  readonly name: string
  readonly userId: string
  readonly role: Role
  /** What the envelopes of this vault are bound to; equal to the bundle handle in encrypted mode. */
  readonly vaultUlid: string
  readonly encrypted: boolean
  /** Of the keys this session holds: one more after each rotation. */
  readonly keyGeneration: number
  readonly refRegistry: {
    getOutbound(collection: string): Readonly<Record<string, RefDescriptor>>
    getInbound(
      target: string,
    ): readonly { readonly collection: string; readonly field: string; readonly mode: RefMode }[]
  }
  /** Null asks for a reserved row that belongs to no collection. @throws ReadOnlyError, NoAccessError when not listed */
  readonly assertMayWrite: (collection: string | null) => void
  /** Null in plaintext mode. @throws NoAccessError, DecryptionError */
  getDEK(collection: string): Promise<KeyObject | null>
  /** The body of a raw envelope of this vault. Synchronous: await `getDEK(collection)` once before. @throws TamperedError */
  openEnvelope(collection: string, id: string, envelope: EncryptedEnvelope): unknown
  /** An envelope as this vault would store it: bound to its place, sealed with the collection's key. Await `getDEK` before. */
  sealEnvelope(
    collection: string,
    id: string,
    record: unknown,
    clear: Pick<EncryptedEnvelope, '_v' | '_ts'> &
      Partial<Pick<EncryptedEnvelope, '_by' | '_source' | '_sourceTs'>>,
  ): EncryptedEnvelope
  /** Names opened in this session. */
  readonly openCollections: readonly string[]
}

/** Implemented by class `Vault`. */
export interface VaultApi {
  readonly name: string
  /** The instance that opened it. */
  readonly noydb: NoydbApi
  readonly userId: string
  readonly role: Role
  collection<T = unknown>(name: string, options?: CollectionOptions<T>): CollectionApi<T>
  collections(): Promise<string[]>
  resolveRef(collection: string, field: string): RefDescriptor | null
  exportStream(opts?: { granularity?: 'collection' | 'record' }): AsyncIterableIterator<ExportChunk>
  assertCanExport(tier: 'plaintext', format: string): void
  assertCanExport(tier: 'bundle'): void
  dump(): Promise<string>
  getBundleHandle(): Promise<string>
  dumpSchema(opts?: { withStats?: boolean; sampleSize?: number }): Promise<VaultSchemaSnapshot>
  schemaFenceState(): Promise<{ currentSchemaVersion: number; fenceState: FenceState }>
  runSchemaCutover(options?: CutoverOptions): Promise<CutoverResult>
  _drainPendingSchemaWrites(): Promise<void>
  _introspectState(): VaultIntrospectState
  /** Reserved rows of one kind; `name` starts with `_`. */
  sidecar<T = unknown>(name: string): SidecarApi<T>
  readonly audit: AuditApi
  readonly custody: VaultCustody
}

export interface KdfParameters {
  /** KiB of memory; the default is 65536. */
  memoryKiB: number
  passes: number
  parallelism: number
}

export interface NoydbOptions {
  store?: NoydbStore
  user: string
  /** Mandatory unless `encrypt` is false. */
  secret?: string
  encrypt?: boolean
  /** Asked before every write to the collections they watch, in every vault. */
  guardStrategies?: readonly GuardStrategyHandle[]
  /** Keep earlier versions in `_history`. Default false. */
  history?: boolean
  /** Write the audit chain. Default false. */
  audit?: boolean
  /** Cheaper key derivation for tests; the console refuses anything below the default. */
  kdf?: KdfParameters
  /** Rows of `large` collections are remembered up to this many bytes of stored text, over all vaults. Default 16 MiB. */
  recentBytes?: number
  /** Milliseconds since the epoch; for tests of time. */
  clock?: () => number
}

export type QueryAcrossResult<T> =
  | { readonly vault: string; readonly result: T; readonly error?: undefined }
  | { readonly vault: string; readonly result?: undefined; readonly error: Error }

/** Implemented by class `Noydb`. */
export interface NoydbApi {
  openVault(name: string, opts?: { create?: boolean; locale?: string; meta?: unknown }): Promise<VaultApi>
  queryAcross<T>(
    vaultIds: string[],
    fn: (vault: VaultApi) => Promise<T>,
    options?: { concurrency?: number; create?: boolean },
  ): Promise<QueryAcrossResult<T>[]>
  listAccessibleVaults(options?: { minRole?: Role }): Promise<AccessibleVault[]>
  /**
   * Gives `userId` a keyring, in place of the one they had. `factors` is accepted and not used.
   * @throws ValidationError, PermissionDeniedError, PrivilegeEscalationError, NoAccessError
   */
  grant(vault: string, options: GrantOptions, factors?: unknown): Promise<void>
  /** @throws NoAccessError for somebody without a keyring, PermissionDeniedError, also for an owner as the target */
  revoke(vault: string, options: RevokeOptions, factors?: unknown): Promise<void>
  /** As `grant` with the role custodian; by an owner. */
  grantCustodian(vault: string, options: GrantCustodianOptions, factors?: unknown): Promise<void>
  /** As `revoke`, of a custodian; by an owner. */
  revokeCustodian(vault: string, options: RevokeOptions, factors?: unknown): Promise<void>
  /**
   * Changes what a member may export without anybody's passphrase; by an owner. Of oneself it counts at once, of others from
   * their next session on.
   */
  setExportCapability(vault: string, change: ExportCapabilityChange): Promise<void>
  transaction<T>(work: (tx: Transaction) => Promise<T> | T, options?: TransactionOptions): Promise<T>
  /** The same user's session over another store, closed with this one at the latest. */
  over(store: NoydbStore, changed?: { history?: boolean; audit?: boolean }): NoydbApi
  on<K extends keyof NoydbEventMap>(event: K, handler: (data: NoydbEventMap[K]) => void): void
  off<K extends keyof NoydbEventMap>(event: K, handler: (data: NoydbEventMap[K]) => void): void
  onBeforeWrite(handler: WriteHook): Unsubscribe
  onAfterWrite(handler: WriteHook): Unsubscribe
  onWriteConflict(handler: (c: WriteConflict) => void): Unsubscribe
  readonly writeQueue: WriteQueue
  readonly isClosed: boolean
  close(): void
  readonly _store: NoydbStore
  _shardVaultProvisioned(vaultId: string): Promise<boolean>
  _resolveBackend(vaultId: string): NoydbStore
}

export type { EncryptedEnvelope, RecordEntry }
