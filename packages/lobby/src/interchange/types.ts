/** Types of the merge declarations (lobby 0.2.0-pre.28); `three-way` is the one addition to a closed union. */
import type { NoydbApi } from '@noy-db/hub'
import type { Deletion } from '../exchange/compartment-notes.ts'
import type { RowOutcome, RowRef } from '../import/types.ts'
import type { BrokenRule, RuleOverride, RulesOf } from '../invariants/types.ts'

export type FieldAuthorityRule =
  | { readonly authority: 'source-newest' }
  | { readonly authority: 'owner'; readonly ownerSource: string }
  | { readonly authority: 'fixed-source'; readonly source: string }

export type FieldAuthorityPolicy = Record<string, FieldAuthorityRule>

export interface FieldAuthorityInputs {
  readonly incomingSource?: string
  readonly incomingSourceTs?: string
  readonly localSource?: string
  readonly localSourceTs?: string
}

export type MergeStrategy =
  | 'take-incoming'
  | 'keep-local'
  | 'lww-by-ts'
  | 'manual-queue'
  | 'field-authority'
  /** @deprecated The same as `field-authority`. */
  | 'field-level'
  /** Merge against the last body exchanged with the sender; only true overlaps are queued. */
  | 'three-way'

/**
 * How much `three-way` does by itself. `field`: edits of different fields go together. `record`: a record both sides
 * changed is asked, whatever fields. `ask`: every record the sender changed is asked.
 */
export type Strictness = 'field' | 'record' | 'ask'

/** By collection, with `default` for the others; else `field`. */
export type StrictnessOption = Strictness | (Record<string, Strictness> & { default?: Strictness })

export type StrategyOption = MergeStrategy | (Record<string, MergeStrategy> & { default?: MergeStrategy })

export interface DecryptedMergeOptions {
  readonly strategy: StrategyOption
  readonly dryRun?: boolean
  /** Audit reason of every write; default `merge:compartment`. */
  readonly reason?: string
  /** Required for every collection that uses `field-authority` and has changed records. */
  readonly fieldAuthority?: Record<string, FieldAuthorityPolicy>
  /** Of `three-way`; default `field`. */
  readonly strictness?: StrictnessOption
  /** Fields a collection is narrowed to: every other field is neither compared nor changed. */
  readonly projection?: Readonly<Record<string, readonly string[]>>
  /** Whose bases `three-way` merges against and the merge moves; none without. */
  readonly party?: string
  /** The instance the receiver was opened by, where it cannot be told from the vault. */
  readonly db?: NoydbApi
  /** Records of the sender that are gone; merged like the rest, by the same strategy. */
  readonly deletions?: readonly Deletion[]
  /** Rules and amounts of the receiver's records; without them, neither is judged. */
  readonly rules?: RulesOf
  /** Write against rules all the same, as in an import. Needs an instance, for its trace. */
  readonly override?: RuleOverride
}

export interface MergeCompartmentOptions extends DecryptedMergeOptions {
  readonly transferKey: Uint8Array
}

export interface MergeConflict {
  readonly collection: string
  readonly id: string
  readonly strategy: MergeStrategy
  readonly resolution: 'incoming' | 'local' | 'queued' | 'field-merged'
  /** Id of the queue row, where one was written. */
  readonly conflictId?: string
  /** Top-level fields that differ. */
  readonly fields?: readonly string[]
  /** What field authority decided for each of them. */
  readonly decisions?: Readonly<Record<string, 'incoming' | 'local'>>
}

export interface MergeCounts {
  readonly inserted: number
  readonly updated: number
  readonly skipped: number
  readonly queued: number
  /** Records that went; only where some did, and not part of `total`. */
  readonly deleted?: number
}

export interface MergeReport {
  readonly vault: string
  readonly dryRun: boolean
  readonly summary: MergeCounts & { readonly total: number }
  readonly byCollection: Record<string, MergeCounts>
  readonly conflicts: readonly MergeConflict[]
  readonly importId?: string
  /** Records the sender does not have any more, put before a person here; of a delivery under an agreement, where there are some. */
  readonly gone?: number
  /** Rows that break a rule; only where there are some. */
  readonly broken?: readonly (RowRef & {
    readonly outcome: RowOutcome
    readonly broken: readonly BrokenRule[]
  })[]
}
