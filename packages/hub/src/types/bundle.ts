/** Single-vault container and extracted partitions. */

export type BundleCompression = 'auto' | 'brotli' | 'gzip' | 'none'

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

export interface WalkClosureOptions {
  /** Which records to start from, by body and storage id. */
  seeds: Record<string, (record: Record<string, unknown>, id: string) => boolean | Promise<boolean>>
  maxDepth?: number
}

export interface WalkClosureResult {
  closure: Map<string, Set<string>>
  graph: { depth: number; cyclesDetected: boolean }
}

export interface ExtractPartitionOptions extends WalkClosureOptions {
  compression?: BundleCompression
  carrySchemas?: boolean
  carryLedger?: boolean
  fieldProjection?: Record<string, readonly string[]>
}

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
