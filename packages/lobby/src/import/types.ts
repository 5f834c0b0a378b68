/**
 * An import as data: what a container would do to the vaults of this workspace, before anything is written.
 * The same plan is shown, hashed and applied; nothing is decided again between the two.
 */
import type { LeftOut } from '../exchange/compartment-notes.ts'
import type { StrategyOption } from '../interchange/types.ts'
import type { AmountChange, BrokenRule, RuleOverride } from '../invariants/types.ts'
import type { KnownSender, SenderBlock, SenderCheck } from '../identity/types.ts'
import type { ConflictKind } from '../queue/types.ts'

export type Body = Record<string, unknown>

/** What apply will do with one incoming record. */
export type RowOutcome = 'insert' | 'update' | 'merge' | 'delete' | 'keep' | 'queue' | 'equal' | 'refuse'

/** Why a row cannot be applied. A refused row blocks the apply until it is excluded by name. */
export interface RowFault {
  readonly code:
    | 'SCHEMA_VALIDATION_FAILED'
    | 'REF_INTEGRITY'
    | 'VALIDATION_ERROR'
    | 'RECORD_LOCKED'
    | 'RULE_BROKEN'
    | 'SOURCE_FAULT'
  readonly message: string
  /** Dotted path inside the record, where one is known. */
  readonly path?: string
}

export interface RowRef {
  readonly vault: string
  readonly collection: string
  readonly id: string
}

export interface ImportRow extends RowRef {
  readonly outcome: RowOutcome
  /** Top-level fields that differ between ours and theirs; empty for an insert. */
  readonly fields: readonly string[]
  readonly fault?: RowFault
  /** Null: the sender deleted it. */
  readonly incoming: Body | null
  /** What will be written, where that is neither ours nor the incoming body. */
  readonly result?: Body
  /** The last body exchanged with this sender; null where it is not known. */
  readonly base: Body | null
  readonly incomingTs: string
  readonly source?: string
  readonly sourceTs?: string
  /** Deterministic id of the queue row of a `queue` outcome. */
  readonly conflictId?: string
  /** Of a `queue` outcome. */
  readonly kind?: ConflictKind
  /** Id of the record it may be a second copy of, of a `possible-duplicate`. */
  readonly duplicateOf?: string
  /** Paths a person has to decide, of a `queue` outcome. */
  readonly overlaps?: readonly string[]
  /** What field authority decided, per changed field. */
  readonly decisions?: Readonly<Record<string, 'incoming' | 'local'>>
  /** The record's version at its origin. */
  readonly incomingVersion?: number
  /** The sender has not settled it with us, or the message is older than what is here: it says nothing, no base moves. */
  readonly waits?: true
  /** Rules the record would break that the template lets be overridden; apply wants a reason for them. */
  readonly broken?: readonly BrokenRule[]
  /** Amounts that change. */
  readonly effects?: readonly AmountChange[]
}

export interface RowCounts {
  readonly insert: number
  readonly update: number
  readonly merge: number
  readonly delete: number
  readonly keep: number
  readonly queue: number
  readonly equal: number
  readonly refuse: number
}

export interface VaultPlan {
  readonly vault: string
  /** Handle of the compartment in the container. */
  readonly handle: string
  readonly name?: string
  readonly strategy: StrategyOption
  readonly counts: RowCounts
  readonly byCollection: Readonly<Record<string, RowCounts>>
  /** Fields the sender narrowed a collection to; all others stay as they are here. */
  readonly projection?: Projection
  /** Rows of our messages the sender left out: it did not take those. */
  readonly leftOut?: readonly LeftOut[]
}

/** What a plan does to one amount, in whole minor units over all its records. */
export interface AmountEffect {
  readonly vault: string
  readonly collection: string
  readonly path: string
  readonly label: string
  readonly currency: string | null
  readonly delta: number
  readonly records: number
}

export type Projection = Readonly<Record<string, readonly string[]>>

export interface ImportPlan {
  /** ULID; becomes the import's id when applied. */
  readonly id: string
  /** SHA-256 hex over rows, expected versions and strategy. */
  readonly hash: string
  readonly containerSha256: string
  readonly sender: SenderCheck
  /** ISO-8601. */
  readonly plannedAt: string
  readonly perVault: readonly VaultPlan[]
  /** Vault -> collection -> id -> version seen while planning (0 = absent). */
  readonly expectedVersions: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>
  >
  /** Every row that is not `equal`, in the order of writing. */
  readonly rows: readonly ImportRow[]
  readonly counts: RowCounts
  /** Whose bases are used and moved: the caller's name for the sender, else ours, else its own. */
  readonly party?: string | null
  readonly fileName?: string
  /** Verified sender block of the container. */
  readonly senderBlock?: SenderBlock
  /** What changes in amounts; absent where no vault has rules. */
  readonly effects?: readonly AmountEffect[]
  /** Messages of ours the sender says it took; null where it does not say. */
  readonly taken?: readonly string[] | null
}

export interface ImportDecisions {
  /** Take a bundle signed with another key than before; the new key becomes the known one. */
  readonly acceptChangedKey?: boolean
  /** Take a message whose number was passed already, or that forks from what was received. */
  readonly acceptSequence?: boolean
  /** Refused rows left out by name; each must be a refused row of the plan. */
  readonly exclude?: readonly RowRef[]
  /** Write against rules all the same; `rows` names those only a guard knows to be locked. Reported. */
  readonly override?: RuleOverride
  readonly reason?: string
}

export interface ImportReceipt {
  readonly importId: string
  readonly planHash: string
  readonly appliedAt: string
  readonly counts: RowCounts
  readonly excluded: readonly (RowRef & { readonly fault: RowFault })[]
  readonly perVault: readonly { readonly vault: string; readonly counts: RowCounts }[]
}

/** One row per import in the journal of the state vault. */
export interface ImportJournalRow {
  readonly id: string
  readonly containerSha256: string
  readonly planHash: string
  readonly party: string | null
  readonly senderFingerprint: string | null
  readonly exchangeId: string | null
  readonly sequence: number | null
  /** Agreement it came in under, in whose sequence its number is. */
  readonly surface?: string
  readonly fileName: string | null
  readonly strategy: StrategyOption
  readonly vaults: readonly string[]
  readonly counts: RowCounts
  readonly excluded: readonly (RowRef & { readonly fault: RowFault })[]
  readonly actor: string
  readonly appliedAt: string
  readonly status: 'applied' | 'undone'
  readonly undoneAt?: string
  readonly undoneBy?: string
  /** Compartments it took. */
  readonly handles?: readonly string[]
  /** The sender's row before it, for the undo. */
  readonly senderBefore?: KnownSender | null
  /** Messages of ours the sender said it had taken. */
  readonly took?: readonly string[]
  /** Rows it left out of them, by vault. */
  readonly leftOut?: Readonly<Record<string, readonly LeftOut[]>>
  readonly reason?: string
}

/** A record, and the rules that stand in its way. */
export interface BrokenRow extends RowRef {
  readonly broken: readonly BrokenRule[]
}

/** What an undo would do, listed before it is done. */
export interface UndoPlan {
  readonly importId: string
  readonly hash: string
  readonly restore: number
  readonly remove: number
  /** Open conflicts of this import that leave the queue. */
  readonly withdraw: number
  /** Decisions built on this import, recalled with it. */
  readonly recall: readonly (RowRef & { readonly conflictId: string })[]
  /** Records edited by hand since: left as they are. */
  readonly refused: readonly (RowRef & { readonly message: string })[]
  /** Records in a closed period that would be written; only where the undo was judged and there are some. */
  readonly broken?: readonly BrokenRow[]
}

export interface UndoReceipt extends UndoPlan {
  readonly undoneAt: string
}
