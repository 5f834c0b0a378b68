/**
 * An agreement is what its signed acts make of it, in an order both parties find by themselves: an act comes after those its
 * author had seen, and of two made without knowledge of each other the proposer's comes first. So both offices, once they
 * have the same files, hold the same agreement, whatever the order in which the files travelled.
 */
import type { SurfaceSide } from './agreement-types.ts'
import { hashAct, type SurfaceAct } from './act-file.ts'
import type { SurfaceErrorCode } from './error-codes.ts'
import { move, type SurfaceMove, type SurfaceState } from './transitions.ts'

export interface KnownAct {
  readonly act: SurfaceAct
  readonly hash: string
  /** It came in from the other office. */
  readonly received?: boolean
}

export type KnownActs = Readonly<Record<SurfaceSide, readonly KnownAct[]>>

export interface Replayed {
  readonly state: SurfaceState | null
  /** Acts without effect, by hash: something that came before them left nothing for them to do. */
  readonly lapsed: ReadonlyMap<string, SurfaceErrorCode>
}

export const otherSide = (side: SurfaceSide): SurfaceSide => (side === 'proposer' ? 'other' : 'proposer')

export function known(act: SurfaceAct): KnownAct {
  return { act, hash: hashAct(act) }
}

export function withAct(acts: KnownActs, side: SurfaceSide, added: KnownAct): KnownActs {
  return { ...acts, [side]: [...acts[side], added] }
}

export function replay(acts: KnownActs): Replayed {
  const lapsed = new Map<string, SurfaceErrorCode>()
  let state: SurfaceState | null = null
  for (const { side, known: one } of inOrder(acts)) {
    const after: SurfaceState | SurfaceErrorCode = move(state, moveOf(one, side))
    if (typeof after === 'string') lapsed.set(one.hash, after)
    else state = after
  }
  return { state, lapsed }
}

function* inOrder(acts: KnownActs): Generator<{ side: SurfaceSide; known: KnownAct }> {
  const taken = { proposer: 0, other: 0 }
  for (;;) {
    const side = nextSide(acts, taken)
    if (side === null) return
    const next = acts[side][taken[side]]
    taken[side] += 1
    if (next !== undefined) yield { side, known: next }
  }
}

/** Null at the end, and where each waits for the other: files that say so are refused before they are kept. */
function nextSide(acts: KnownActs, taken: Readonly<Record<SurfaceSide, number>>): SurfaceSide | null {
  for (const side of ['proposer', 'other'] as const) {
    const next = acts[side][taken[side]]
    if (next !== undefined && next.act.seen <= taken[otherSide(side)]) return side
  }
  return null
}

function moveOf({ act, hash }: KnownAct, side: SurfaceSide): SurfaceMove {
  const { act: kind, at, terms, version, answers, answerBy } = act
  return {
    kind,
    by: side,
    at: Date.parse(at),
    act: hash,
    ...(terms !== undefined && { terms }),
    ...(version !== undefined && { version }),
    ...(answers !== undefined && { answers }),
    ...(answerBy !== undefined && { answerBy: Date.parse(answerBy) }),
  }
}
