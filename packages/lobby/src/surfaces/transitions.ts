/**
 * What each act makes of an agreement: pure, the code behind the table in docs/surfaces.md. Judges nothing about who
 * signed; an act that does not fit is answered by a code and leaves everything as it is.
 */
import { jsonEquals } from '@noy-db/hub/kernel'
import type { PendingTerms, SurfaceActKind, SurfaceSide, SurfaceTerms } from './agreement-types.ts'
import type { SurfaceErrorCode } from './error-codes.ts'
import { intersectTerms } from './terms.ts'

export interface SurfaceState {
  /** 0 before the first countersignature; then `terms` are those of the first proposal. */
  readonly version: number
  readonly terms: SurfaceTerms
  readonly suspendedBy: readonly SurfaceSide[]
  readonly pending?: PendingTerms
  readonly ending?: 'declined' | 'withdrawn'
  readonly endedBy?: SurfaceSide
  /** When the version in force was agreed on; milliseconds since the epoch. */
  readonly agreedAt?: number
}

export interface SurfaceMove {
  readonly kind: SurfaceActKind
  readonly by: SurfaceSide
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Of propose, renew and narrow. */
  readonly terms?: SurfaceTerms
  /** Version that propose and renew would make. */
  readonly version?: number
  /** Hash of this act. */
  readonly act?: string
  /** Of agree and decline: hash of the act they answer. */
  readonly answers?: string
  readonly answerBy?: number
}

export type Situation =
  | 'nothing'
  | 'proposed by itself'
  | 'proposed by the other'
  | 'agreed'
  | 'asked by itself'
  | 'asked by the other'
  | 'ended'

/** Where an agreement stands, seen by the party that acts. */
export function situationOf(state: SurfaceState | null, side: SurfaceSide): Situation {
  if (state === null) return 'nothing'
  if (state.ending !== undefined) return 'ended'
  if (state.pending === undefined) return 'agreed'
  const word = state.version === 0 ? 'proposed' : 'asked'
  return state.pending.by === side ? `${word} by itself` : `${word} by the other`
}

type Outcome = SurfaceState | SurfaceErrorCode
type Step = (state: SurfaceState, move: SurfaceMove) => Outcome

const refuse =
  (code: SurfaceErrorCode): Step =>
  () =>
    code
const state = refuse('SURFACE_STATE')
const own = refuse('SURFACE_OWN_PROPOSAL')
const asked = refuse('SURFACE_ASKED')
const absent: Readonly<Record<SurfaceActKind, Step>> = {
  propose: refuse('SURFACE_INVALID'), // the first one is made by `begin`
  agree: refuse('SURFACE_NOT_FOUND'),
  decline: refuse('SURFACE_NOT_FOUND'),
  suspend: refuse('SURFACE_NOT_FOUND'),
  resume: refuse('SURFACE_NOT_FOUND'),
  narrow: refuse('SURFACE_NOT_FOUND'),
  renew: refuse('SURFACE_NOT_FOUND'),
  withdraw: refuse('SURFACE_NOT_FOUND'),
}
const unanswered = { propose: asked, suspend: state, resume: state, narrow: state, renew: state }
const inForce = { suspend, resume, narrow, withdraw: end('withdrawn') }

const steps: Readonly<Record<Situation, Readonly<Record<SurfaceActKind, Step>>>> = {
  nothing: absent,
  'proposed by itself': { ...unanswered, agree: own, decline: own, withdraw: end('withdrawn') },
  'proposed by the other': { ...unanswered, agree, decline: answered(end('declined')), withdraw: state },
  agreed: { ...inForce, propose: ask, renew, agree: state, decline: state },
  'asked by itself': { ...inForce, propose: late(ask), renew: late(renew), agree: own, decline: own },
  'asked by the other': {
    ...inForce,
    propose: late(ask),
    renew: late(renew),
    agree,
    decline: answered(dropPending),
  },
  ended: {
    propose: state,
    agree: state,
    decline: state,
    suspend: state,
    resume: state,
    narrow: state,
    renew: state,
    withdraw: state,
  },
}

/** The state after it, or why there is none. */
export function move(before: SurfaceState | null, made: SurfaceMove): Outcome {
  if (before === null) return made.kind === 'propose' ? begin(made) : steps.nothing[made.kind](NONE, made)
  return steps[situationOf(before, made.by)][made.kind](before, made)
}

const NONE: SurfaceState = {
  version: 0,
  terms: { collections: [], direction: 'push', conflictPolicy: { strategy: 'manual-queue' } },
  suspendedBy: [],
}

function begin(made: SurfaceMove): Outcome {
  if (made.by !== 'proposer' || made.terms === undefined) return 'SURFACE_INVALID'
  if ((made.version ?? 1) !== 1) return 'SURFACE_VERSION_OLD'
  return {
    version: 0,
    terms: made.terms,
    suspendedBy: [],
    pending: pendingOf(made, made.terms, 1),
  }
}

function ask(before: SurfaceState, made: SurfaceMove): Outcome {
  if (made.terms === undefined) return 'SURFACE_INVALID'
  const next = before.version + 1
  if ((made.version ?? next) !== next) return 'SURFACE_VERSION_OLD'
  return { ...before, pending: pendingOf(made, made.terms, next) }
}

/** A question whose time to answer is over gives way to the next one; before, it stands in its way. */
function late(step: Step): Step {
  return (before, made) => {
    const { answerBy } = before.pending ?? {}
    return answerBy !== undefined && made.at > answerBy ? step(withoutPending(before), made) : 'SURFACE_ASKED'
  }
}

function pendingOf({ by, act = '', answerBy }: SurfaceMove, terms: SurfaceTerms, version: number) {
  return { by, version, terms, act, ...(answerBy !== undefined && { answerBy }) }
}

/** A renewal changes the end and nothing else. */
function renew(before: SurfaceState, made: SurfaceMove): Outcome {
  const { expiresAt: _ends, ...kept } = before.terms
  const { expiresAt: _newEnd, ...asked } = made.terms ?? before.terms
  return jsonEquals(kept, asked) ? ask(before, made) : 'SURFACE_INVALID'
}

function agree(before: SurfaceState, made: SurfaceMove): Outcome {
  const { pending } = before
  if (pending === undefined || isForAnother(pending, made)) return 'SURFACE_VERSION_OLD'
  if (pending.answerBy !== undefined && made.at > pending.answerBy) return 'SURFACE_EXPIRED'
  return { ...withoutPending(before), version: pending.version, terms: pending.terms, agreedAt: made.at }
}

function answered(step: Step): Step {
  return (before, made) =>
    before.pending !== undefined && isForAnother(before.pending, made)
      ? 'SURFACE_VERSION_OLD'
      : step(before, made)
}

function isForAnother(pending: PendingTerms, { answers }: SurfaceMove): boolean {
  return answers !== undefined && answers !== pending.act
}

/** Needs nobody's consent. Both sides may narrow at the same time: what neither of them has taken away stays. */
function narrow(before: SurfaceState, made: SurfaceMove): Outcome {
  if (made.terms === undefined) return 'SURFACE_INVALID'
  const terms = intersectTerms(before.terms, made.terms)
  if (jsonEquals(terms, before.terms)) return 'SURFACE_NOT_NARROWER'
  // What was asked was asked on top of what is narrower now.
  return { ...withoutPending(before), version: before.version + 1, terms }
}

function suspend(before: SurfaceState, { by }: SurfaceMove): Outcome {
  if (before.suspendedBy.includes(by)) return 'SURFACE_STATE'
  return { ...before, suspendedBy: [...before.suspendedBy, by].sort() }
}

/** Everyone lifts their own suspension only. */
function resume(before: SurfaceState, { by }: SurfaceMove): Outcome {
  if (!before.suspendedBy.includes(by)) return 'SURFACE_STATE'
  return { ...before, suspendedBy: before.suspendedBy.filter((side) => side !== by) }
}

function end(ending: 'declined' | 'withdrawn'): Step {
  return (before, { by }) => ({ ...withoutPending(before), ending, endedBy: by })
}

function dropPending(before: SurfaceState): Outcome {
  return withoutPending(before)
}

function withoutPending({ pending: _answered, ...rest }: SurfaceState): SurfaceState {
  return rest
}
