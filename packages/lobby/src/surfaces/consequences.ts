/** What an act means, as data with words: for the person who is about to sign it, and for the one who receives it. */
import type { SurfaceSide } from './agreement-types.ts'
import { missingIn, type SliceDifference } from './terms.ts'
import type { SurfaceMove, SurfaceState } from './transitions.ts'

export type ConsequenceCode =
  | 'waits-for-countersignature'
  | 'exchange-begins'
  | 'exchange-stops'
  | 'exchange-resumes'
  | 'stays-suspended-by-other'
  | 'ends-for-good'
  | 'stays-with-receiver'
  | 'no-longer-shared'
  | 'newly-shared'
  | 'version-changes'
  | 'ends-at'
  | 'question-dropped'

export interface Consequence {
  readonly code: ConsequenceCode
  /** One sentence, in English. */
  readonly text: string
  readonly slices?: readonly SliceDifference[]
  readonly version?: number
  /** Milliseconds since the epoch. */
  readonly at?: number
}

/** From `before` (null = nothing yet) to `after`, in the order to read them. */
export function consequencesOf(
  before: SurfaceState | null,
  after: SurfaceState,
  made: Pick<SurfaceMove, 'kind' | 'by'>,
): Consequence[] {
  return [
    ...askedConsequences(before, after),
    ...flowConsequences(before, after, made.by),
    ...sliceConsequences(before, after),
    ...(after.version > (before?.version ?? 0) && before?.version !== 0
      ? [versionChanged(after.version)]
      : []),
    ...expiryConsequences(before, after),
  ]
}

function askedConsequences(before: SurfaceState | null, after: SurfaceState): Consequence[] {
  if (after.pending !== undefined && after.pending.act !== before?.pending?.act) {
    const text = 'Nothing changes until the other party has countersigned.'
    return [{ code: 'waits-for-countersignature', text, version: after.pending.version }]
  }
  const dropped = before?.pending !== undefined && after.pending === undefined && isSameTerms(before, after)
  return dropped ? [{ code: 'question-dropped', text: 'What was asked is off the table.' }] : []
}

/** Answered by nobody: the version in force is not the one that was asked for. */
function isSameTerms(before: SurfaceState, after: SurfaceState): boolean {
  return before.version > 0 && after.version === before.version && after.ending === undefined
}

function flowConsequences(before: SurfaceState | null, after: SurfaceState, by: SurfaceSide): Consequence[] {
  const [flowed, flows] = [isFlowing(before), isFlowing(after)]
  if (after.ending !== undefined) return endConsequences(flowed)
  if (!flowed && flows) {
    const text = 'Records are exchanged from now on, as agreed.'
    return [{ code: before?.version === 0 ? 'exchange-begins' : 'exchange-resumes', text }]
  }
  if (flowed && !flows)
    return [{ code: 'exchange-stops', text: 'Nothing is sent or taken until it is resumed.' }, STAYS]
  const lifted = before !== null && before.suspendedBy.length > after.suspendedBy.length
  if (!lifted || after.suspendedBy.includes(by)) return []
  const text = 'It stays suspended: the other party has suspended it, too.'
  return [{ code: 'stays-suspended-by-other', text }]
}

const STAYS: Consequence = {
  code: 'stays-with-receiver',
  text: 'What was exchanged before stays with the party that received it.',
}

function endConsequences(flowed: boolean): Consequence[] {
  const text = 'It ends for good. To exchange again, a new agreement is needed.'
  return [{ code: 'ends-for-good', text }, ...(flowed ? [STAYS] : [])]
}

function isFlowing(state: SurfaceState | null): boolean {
  return state !== null && state.version > 0 && state.suspendedBy.length === 0 && state.ending === undefined
}

function sliceConsequences(before: SurfaceState | null, after: SurfaceState): Consequence[] {
  if (before === null || before.version === 0) return []
  const [lost, gained] = [missingIn(after.terms, before.terms), missingIn(before.terms, after.terms)]
  const stops = 'These are not sent any more; what was sent stays with the receiver.'
  return [
    ...(lost.length > 0 ? [{ code: 'no-longer-shared' as const, text: stops, slices: lost }] : []),
    ...(gained.length > 0
      ? [{ code: 'newly-shared' as const, text: 'These are sent from now on.', slices: gained }]
      : []),
  ]
}

function versionChanged(version: number): Consequence {
  const text = `Version ${version} is in force; deliveries of earlier versions are refused.`
  return { code: 'version-changes', text, version }
}

function expiryConsequences(before: SurfaceState | null, after: SurfaceState): Consequence[] {
  const ends = (after.pending?.terms ?? after.terms).expiresAt
  if (ends === undefined || after.ending !== undefined) return []
  if (ends === (before?.pending?.terms ?? before?.terms)?.expiresAt) return []
  const text = `It ends on ${new Date(ends).toISOString().slice(0, 10)} unless it is renewed.`
  return [{ code: 'ends-at', text, at: ends }]
}
