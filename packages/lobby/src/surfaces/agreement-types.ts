/** What two parties agree on, and where an agreement stands; docs/surfaces.md has the rules. */
import type { SurfaceConflictPolicy, SurfaceDirection } from '../federation/registry/types.ts'

/** `proposer` made the first proposal, `other` countersigned it; neither changes later. */
export type SurfaceSide = 'proposer' | 'other'

/** `expired` is judged by the clock; the other two are final. */
export type SurfaceEnding = 'declined' | 'withdrawn' | 'expired'

export interface SurfaceTerms {
  /** Sorted, each once. */
  readonly collections: readonly string[]
  /** Fields per collection, sorted; a collection without an entry goes whole. `id` always goes along. */
  readonly fields?: Readonly<Record<string, readonly string[]>>
  /** Seen from the proposer: `push` = the proposer sends. */
  readonly direction: SurfaceDirection
  readonly conflictPolicy: SurfaceConflictPolicy
  readonly cadenceMs?: number
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

export type SurfaceActKind =
  'propose' | 'agree' | 'decline' | 'suspend' | 'resume' | 'narrow' | 'renew' | 'withdraw'

/** Terms that wait for the other party's signature. */
export interface PendingTerms {
  readonly by: SurfaceSide
  /** Version these terms would make. */
  readonly version: number
  readonly terms: SurfaceTerms
  /** Hash of the proposing act; empty where nothing is signed. */
  readonly act: string
  /** Milliseconds since the epoch; no answer counts after it. */
  readonly answerBy?: number
}

/** One party of a signed agreement. */
export interface SurfacePartyKey {
  readonly party: string
  /** Base64 of the raw Ed25519 key; null until the addressed party has signed something. */
  readonly publicKey: string | null
}

export interface SurfaceAgreement {
  /** 0 before the first countersignature. */
  readonly version: number
  /** SHA-256 of the canonical JSON of the terms in force. */
  readonly termsHash: string
  /** Who has suspended it; each lifts its own. */
  readonly suspendedBy: readonly SurfaceSide[]
  readonly pending?: PendingTerms
  readonly endedBy?: SurfaceSide
  /** Only of a signed agreement. */
  readonly parties?: Readonly<Record<SurfaceSide, SurfacePartyKey>>
}
