/**
 * Whether the caller's thread looks for an answer for a moment before it goes back to its event loop. Calls that took too long the
 * last times are not looked for, and no turn of the event loop is held for longer than a slice.
 */
import type { CallName } from '../host/protocol.ts'
import { type Clock, clock, spin } from '../spin.ts'

/** Longer than a small call takes with its disk sync on a fast disk, short enough that nobody notices one. */
const lookMs = 0.4

/** All looking in one turn of the event loop, together with the work between the calls. */
const turnMs = 8

/** After the second and each further miss in a row the next 1, 2, 4, … calls of that name are not looked for. */
const longestPause = 32

interface Misses {
  inRow: number
  /** Calls that are still left alone. */
  left: number
}

export class Patience {
  readonly #misses = new Map<CallName, Misses>()
  readonly #now: Clock
  #turnEnds: number | undefined

  constructor(now: Clock = clock) {
    this.#now = now
  }

  /** What `look` finds; undefined when this call is better awaited. */
  lookFor<T>(call: CallName, look: () => T | undefined): T | undefined {
    const misses = this.#missesOf(call)
    if (misses.left > 0) {
      misses.left -= 1
      return undefined
    }
    const now = this.#now()
    const turnEnds = this.#endOfTurn(now)
    if (now >= turnEnds) return undefined
    const found = spin(look, Math.min(now + lookMs, turnEnds), this.#now)
    misses.inRow = found === undefined ? misses.inRow + 1 : 0
    // One alone is a commit that had to tidy up its log.
    misses.left = misses.inRow < 2 ? 0 : Math.min(2 ** (misses.inRow - 2), longestPause)
    return found
  }

  #missesOf(call: CallName): Misses {
    let misses = this.#misses.get(call)
    if (misses === undefined) this.#misses.set(call, (misses = { inRow: 0, left: 0 }))
    return misses
  }

  #endOfTurn(now: number): number {
    if (this.#turnEnds === undefined) {
      this.#turnEnds = now + turnMs
      setImmediate(() => (this.#turnEnds = undefined))
    }
    return this.#turnEnds
  }
}
