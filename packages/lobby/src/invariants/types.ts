/** What a record's rules and amounts say before it is written, and what was written against a rule. */
import type { Body, RowRef } from '../import/types.ts'

/** `override`: with a reason, which is reported. `refuse`: never. `note`: shown only. */
export type Enforcement = 'override' | 'refuse' | 'note'

export interface BrokenRule {
  /** Name of the rule in its template. */
  readonly rule: string
  /** The template's own words. */
  readonly message: string
  /** Where it shows; empty for the record as a whole. */
  readonly path: string
  readonly enforce: Enforcement
  /** The closed period ("2026-05") the record falls into; of rules about periods only. */
  readonly period?: string
}

/** An amount of a record, in whole minor units; entries of a list are added up. */
export interface Amount {
  /** `total`, `lines.*.amount`. */
  readonly path: string
  readonly label: string
  /** Null where the record names none. */
  readonly currency: string | null
  readonly minor: number
}

/** How an amount changes; one that is not there counts as 0. */
export interface AmountChange {
  readonly path: string
  readonly label: string
  readonly currency: string | null
  readonly before: number
  readonly after: number
  readonly delta: number
}

/** Rules and amounts of one vault's records, as its template declares them. */
export interface RecordRules {
  /** By record, in their order. */
  check(
    collection: string,
    bodies: readonly { readonly id: string; readonly body: Body }[],
  ): Promise<BrokenRule[][]>
  amounts(collection: string, body: Body): readonly Amount[]
}

/** Undefined for a vault without rules. */
export type RulesOf = (vault: string) => RecordRules | undefined

/** Write against rules all the same; `rows` names those only a guard knows to be locked. Reported. */
export interface RuleOverride {
  readonly reason: string
  readonly rows?: readonly RowRef[]
}

/** A rule somebody wrote against, and why. Written in the transaction of the record. */
export interface RuleException extends RowRef {
  readonly rule: string
  readonly message: string
  readonly reason: string
  readonly actor: string
  /** ISO-8601. */
  readonly at: string
  /** What was done: `imports.apply`, `conflicts.decide`. */
  readonly command: string
  /** Import or batch of decisions it belongs to. */
  readonly origin?: string
}
