/** The multi-vault container (NDBM) as declared, plus the optional members decision 13 adds to its manifest. */
import type { PublicEnvelope, VaultApi, WriteNoydbBundleOptions } from '@noy-db/hub'
import type { SenderBlock } from '../identity/types.ts'

export interface CompartmentManifest {
  readonly handle: string
  readonly roleTag?: string
  readonly exportedAt?: string
  readonly name?: string
  readonly collections?: readonly { readonly name: string; readonly count: number }[]
  readonly publicEnvelope?: PublicEnvelope
  readonly innerBytes: number
  readonly innerSha256: string
  readonly schemaVersion?: number
  /** Fields each collection was narrowed to; the receiver leaves every other field as it is. */
  readonly projection?: Readonly<Record<string, readonly string[]>>
  /** Template the records follow; `schemaVersion` counts the migrations of one vault and says nothing to another. */
  readonly template?: { readonly name: string; readonly version: number }
  /** Deleted and unsettled records, sealed; readers that do not know it read the records all the same. */
  readonly notes?: string
}

export interface MultiBundleManifest {
  readonly multiFormatVersion: 1
  readonly handle: string
  readonly compartments: readonly CompartmentManifest[]
  readonly sender?: SenderBlock
}

export interface MultiVaultCompartmentInput {
  readonly vault: VaultApi
  readonly roleTag?: string
  readonly exportedAt?: string
  readonly disclose?: {
    readonly name?: boolean | string
    readonly collections?: boolean
    readonly publicEnvelope?: boolean
  }
  readonly bundleOptions?: WriteNoydbBundleOptions
}
