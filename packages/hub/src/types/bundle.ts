/** Single-vault container and extracted partitions. */
import type { LongWork } from './collection.ts'
import type { RefMode } from './schema.ts'
import type { KdfParameters } from './vault.ts'
import type { NoydbStore } from './store.ts'

export type BundleCompression = 'auto' | 'brotli' | 'gzip' | 'none'

/** Of an extracted partition; see docs/bundle-format.md. */
export type BundleBodyFormat = 1 | 2

export interface PublicEnvelope {
  readonly _noydb_public: 1
  readonly version: number
  readonly name?: string | Record<string, string>
  readonly description?: string | Record<string, string>
  readonly icon?: string
  readonly createdAt?: string
  readonly updatedAt?: string
  readonly defaultLocale?: string
}

export interface NoydbBundleHeader {
  readonly formatVersion: 1
  readonly handle: string
  readonly bodyBytes: number
  readonly bodySha256: string
  readonly publicEnvelope?: PublicEnvelope
  readonly autoUnlock?: 'unsealed' | 'sealed'
  readonly bundleKind?: 'snapshot' | 'extracted-partition'
  readonly transferSeal?: { readonly v: 1; readonly alg: 'aes-256-gcm-pre-shared'; readonly sealId: string }
}

export interface WriteNoydbBundleOptions {
  compression?: BundleCompression
  collections?: readonly string[]
  since?: Date | string
  where?: (record: unknown, ctx: { collection: string; id: string }) => boolean | Promise<boolean>
}

/** One declared reference: `collection`'s `field` names a record of `target`. */
export interface ClosureReference {
  readonly collection: string
  readonly field: string
  readonly target: string
  readonly mode: RefMode
}

export interface WalkClosureOptions {
  /** Which records to start from, by body and storage id. */
  seeds: Record<string, (record: Record<string, unknown>, id: string) => boolean | Promise<boolean>>
  /** More of them by storage id, read one by one; those that are not there are left out. */
  seedIds?: ReadonlyMap<string, Iterable<string>>
  maxDepth?: number
  /** Which references hold records together; default every one. */
  follow?: (reference: ClosureReference) => boolean
}

export interface WalkClosureResult {
  closure: Map<string, Set<string>>
  graph: { depth: number; cyclesDetected: boolean }
}

export interface PackPartitionOptions {
  compression?: BundleCompression
  /** Default false. */
  carrySchemas?: boolean
  /** Accepted; there is no ledger to carry. */
  carryLedger?: boolean
  /** Body members to keep, by collection; `id` stays too. A narrowed collection travels without its schema. */
  fieldProjection?: Record<string, readonly string[]>
  /** 1 (default) is what the published reader knows; 2 is compressed before it is sealed, and a tenth of the size. */
  bodyFormat?: BundleBodyFormat
  /** Format 2 only: bound to everything sealed, so that a bundle cannot be passed off as that of another exchange. */
  exchangeId?: string
}

export interface ExtractPartitionOptions extends WalkClosureOptions, PackPartitionOptions {}

export interface ExtractedPartition {
  bundleBytes: Uint8Array
  /** 32 bytes, never stored in the bundle. */
  transferKey: Uint8Array
  sealId: string
}

export interface DecryptedRecord {
  /** Storage id. */
  readonly id: string
  readonly record: Record<string, unknown>
  /** ISO-8601 write time at the source. */
  readonly ts: string
  readonly version: number
  readonly source?: string
  readonly sourceTs?: string
}

export interface DecryptPartitionOptions extends LongWork {
  /** Lowers the cap on the expanded body; it is never raised above `limits.bundleExpandedBytes`. */
  maxExpandedBytes?: number
  /** Refuse a bundle that was not bound to this exchange, as no body of format 1 is. */
  exchangeId?: string
}

export interface AdoptPartitionOptions extends LongWork {
  transferKey: Uint8Array
  destinationStore: NoydbStore
  /** A vault that holds nothing yet. */
  vaultName: string
}

export interface AdoptedPartition {
  readonly vaultName: string
  readonly needsOwner: true
  readonly sealId: string
}

export interface CreateOwnerOptions {
  userId: string
  /** The owner's secret from now on. */
  passphrase: string
  transferKey: Uint8Array
  /** For a user without a salt in this store yet; cheaper than the default in tests only. */
  kdf?: KdfParameters
}
