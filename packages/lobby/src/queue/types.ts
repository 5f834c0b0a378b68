/** The conflict queue: rows that stay until a person decides them, and the decisions, kept with both sides. */
import type { Body } from '../import/types.ts'
import type { AmountChange, BrokenRule } from '../invariants/types.ts'

/**
 * `possible-duplicate`: a new record that agrees with one that is here in what tells documents apart. "Ours" leaves it out,
 * "theirs" makes it a document of its own.
 */
export type ConflictKind =
  'edited-by-both' | 'deleted-here' | 'deleted-there' | 'no-base' | 'possible-duplicate'

/** `moved`: the record changed here since the conflict was queued; it is diffed anew before a decision. */
export type ConflictStatus = 'open' | 'decided' | 'recalled' | 'closed'

export interface ConflictRef {
  readonly vault: string
  readonly collection: string
  readonly conflictId: string
}

/** Who made a version, as far as it is known. */
export interface SideOrigin {
  readonly by: string | null
  readonly at: string | null
  readonly source?: string
  readonly version: number
}

/** Sidecar row `_conflicts/<collection>/<conflictId>`, encrypted under the collection's DEK. */
export interface ConflictRow extends ConflictRef {
  readonly recordId: string
  readonly kind: ConflictKind
  readonly base: Body | null
  readonly ours: Body | null
  readonly theirs: Body | null
  readonly oursOrigin: SideOrigin
  readonly theirsOrigin: SideOrigin
  /** Exchange the base came from. */
  readonly baseOrigin: { readonly exchangeId: string; readonly at: string } | null
  readonly importId: string
  readonly party: string | null
  /** Paths that differed when it was queued, whichever side changed them. */
  readonly fields: readonly string[]
  readonly queuedAt: string
  readonly status: ConflictStatus
  readonly decision?: Decision
  /** Fields the sender narrowed the record to; `theirs` says nothing about the others. */
  readonly slice?: readonly string[]
  /** Of a `possible-duplicate`: id of the record that is here. */
  readonly duplicateOf?: string
}

export type Side = 'ours' | 'theirs' | 'base'

export type FieldPick = { readonly pick: Side } | { readonly pick: 'custom'; readonly value: unknown }

/** `fields` is keyed by path (`freight`, `lines.2.quantity`); fields not named keep ours. */
export type Resolution =
  | { readonly kind: Side }
  | { readonly kind: 'fields'; readonly picks: Readonly<Record<string, FieldPick>> }
  /** The record is gone on one side and shall be gone here. */
  | { readonly kind: 'delete' }
  /** Nothing to decide any more; needs a reason. */
  | { readonly kind: 'close' }

export interface Decision {
  readonly resolution: Resolution
  /** The record as decided; null when deleted. */
  readonly result: Body | null
  readonly reason: string | null
  readonly actor: string
  readonly decidedAt: string
  /** Decisions of one command share it; the unit of undo. */
  readonly batchId: string
  readonly beforeVersion: number
  readonly afterVersion: number
  /** What the decision replaced, for its undo; null = no record. Absent where it wrote none. */
  readonly before?: EarlierRecord | null
}

/** A body with the provenance it was stored with. */
export interface EarlierRecord {
  readonly record: Body
  readonly source?: string
  readonly sourceTs?: string
}

export interface ConflictField {
  readonly path: string
  readonly base: unknown
  readonly ours: unknown
  readonly theirs: unknown
  /** Who changed it since the base; `unknown` without a base. */
  readonly changedBy: 'ours' | 'theirs' | 'both' | 'none' | 'unknown'
}

/** A conflict against the record as it is now. */
export interface ConflictView {
  readonly row: ConflictRow
  /** Version of the queue row, for compare-and-set. */
  readonly rowVersion: number
  /** The record now; null when it is gone. `row.ours` is what it was when queued. */
  readonly current: Body | null
  readonly currentVersion: number
  readonly moved: boolean
  readonly fields: readonly ConflictField[]
}

/** Metadata only, as the index in the state vault holds it. */
export interface ConflictSummary extends ConflictRef {
  readonly recordId: string
  readonly kind: ConflictKind
  readonly fields: readonly string[]
  readonly queuedAt: string
  readonly status: ConflictStatus
  readonly importId: string
  readonly party: string | null
  readonly decidedAt?: string
  readonly batchId?: string
}

export interface ConflictFilter {
  readonly status?: ConflictStatus
  readonly vault?: string
  readonly collection?: string
  readonly importId?: string
  readonly field?: string
  readonly kind?: ConflictKind
}

export interface ConflictPreview {
  readonly result: Body | null
  /** Fields of the result that differ from the record now. */
  readonly changes: readonly ConflictField[]
  /** Validation issues of the result; a decision with any is refused. */
  readonly issues: readonly { readonly path: string; readonly message: string }[]
  readonly moved: boolean
  /** Amounts that change, and rules the result would break; absent where the vault has no rules. */
  readonly effects?: readonly AmountChange[]
  readonly broken?: readonly BrokenRule[]
}

/** One way to decide, and what would come of it. */
export interface ConflictOutcome {
  readonly resolution: Resolution
  readonly preview: ConflictPreview
}

export interface DecisionReceipt {
  readonly batchId: string
  readonly decided: number
  readonly remaining: number
}

export interface ConflictPage {
  readonly rows: readonly ConflictSummary[]
  /** For the next page; null on the last. */
  readonly cursor: string | null
  /** Rows that match the filter. */
  readonly total: number
}

export interface ConflictCounts {
  readonly open: number
  readonly decided: number
  readonly recalled: number
  readonly closed: number
  /** Open ones. */
  readonly byVault: Readonly<Record<string, number>>
  readonly byCollection: Readonly<Record<string, number>>
  readonly byKind: Readonly<Record<ConflictKind, number>>
  /** Distinct records with an open conflict. */
  readonly records: number
}

export interface DecideOptions {
  readonly reason?: string
  /** Version of the queue row the person saw. */
  readonly expectRowVersion: number
  /** Version of the record the person saw; 0 = absent. */
  readonly expectRecordVersion: number
  /** Decide against a rule, or a locked record; the reason is reported. */
  readonly override?: { readonly reason: string }
}

/**
 * Decides alike conflicts alike: the whole record follows `take`. With `fields`, only conflicts match where nothing but
 * those fields differs now, whichever side changed them.
 */
export interface DecisionRule {
  readonly take: 'theirs' | 'ours' | 'newest'
  readonly fields?: readonly string[]
  /** Decide against rules too that may be overridden; the decision then needs a reason, which is reported. */
  readonly override?: boolean
}

export interface BatchSample {
  readonly ref: ConflictRef
  readonly resolution: Resolution
  readonly preview: ConflictPreview
}

export interface BatchPreview {
  /** Open conflicts the filter finds. */
  readonly found: number
  /** Those the rule decides. */
  readonly matched: number
  /** Matching ones whose result the schema, or a rule, refuses; they stay open. */
  readonly refused: readonly { readonly ref: ConflictRef; readonly issues: ConflictPreview['issues'] }[]
  /** Matching ones that would break a rule, whether they stay open for it or are decided against it. */
  readonly against: readonly { readonly ref: ConflictRef; readonly broken: readonly BrokenRule[] }[]
  readonly byVault: Readonly<Record<string, number>>
  readonly sample: readonly BatchSample[]
  /** Over every decision, its versions and its result. */
  readonly hash: string
}

export interface QueueUndoReceipt {
  readonly batchId: string
  readonly reopened: number
  readonly remaining: number
}
