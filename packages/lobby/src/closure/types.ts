/** Types of an extraction over several vaults (lobby 0.2.0-pre.28). What the declarations do not have is optional and marked "ours". */
import type { LongWork } from '@noy-db/hub'
import type { BundleCompression } from '@noy-db/hub'
import type { ExtractionPreview } from '@noy-db/hub/bundle'

/** Ours: `id`, the storage id, which a body need not repeat. */
export type SeedPredicate = (record: Record<string, unknown>, id?: string) => boolean | Promise<boolean>

/** A field of one vault's records that holds ids of another's. */
export interface CrossVaultRef {
  readonly from: {
    readonly collection: string
    /** Ours: a dotted path, `*` for the entries of a list (`lines.*.productId`); a member of just that name comes first. */
    readonly field: string
    /** Ours: holds for this vault alone; without it, for every vault that is walked and has the collection. */
    readonly vault?: string
  }
  /** `field` is `id` or absent: other targets have no identity to go by. */
  readonly to: { readonly vault: string; readonly collection: string; readonly field?: string }
}

export interface CrossVaultSeed {
  readonly vault: string
  readonly seeds: Record<string, SeedPredicate>
}

export interface VaultRecordRef {
  readonly vault: string
  readonly collection: string
  readonly id: string
}

export interface CrossVaultClosurePlan {
  /** Primary vault first, then in the order they were found. */
  readonly perVaultSeeds: Map<string, Record<string, SeedPredicate>>
  readonly perVaultClosure: Map<string, Map<string, Set<string>>>
  /** Referred to from another vault, but not there. */
  readonly dangling: VaultRecordRef[]
}

export interface WalkCrossVaultOptions extends LongWork {
  readonly seed: CrossVaultSeed
  readonly crossVaultRefs?: readonly CrossVaultRef[]
  /** Hops between vaults, and, where given, within each; default 16. */
  readonly maxDepth?: number
}

/** What a compartment shows without its key; nothing unless asked for. */
export interface CompartmentMeta {
  readonly roleTag?: string
  readonly disclose?: { readonly name?: boolean | string; readonly collections?: boolean }
}

export interface PackCrossVaultOptions extends LongWork {
  /** Default true. */
  readonly carrySchemas?: boolean
  /** Accepted; there is no ledger to carry. */
  readonly carryLedger?: boolean
  readonly compression?: BundleCompression
  /** By vault name; others are ignored. */
  readonly compartmentMeta?: Record<string, CompartmentMeta>
}

export interface ExtractCrossVaultOptions extends PackCrossVaultOptions {
  readonly seed: CrossVaultSeed
  readonly crossVaultRefs?: readonly CrossVaultRef[]
  readonly maxDepth?: number
}

export interface ExtractCrossVaultResult {
  readonly bundle: Uint8Array
  /** By vault name. */
  readonly transferKeys: Record<string, Uint8Array>
  /** By vault name. */
  readonly sealIds: Record<string, string>
  /** Ours: compartment handles by vault name. */
  readonly handles?: Record<string, string>
}

export interface CrossVaultPreview {
  readonly compartments: { readonly vault: string; readonly preview: ExtractionPreview }[]
  readonly dangling: VaultRecordRef[]
}
