/** One interval per surface, as declared: it knows nothing of agreements. `SurfaceRunner` is built for those. */

/** A timer of more milliseconds fires at once (2^31 - 1). */
const LONGEST = 2_147_483_647

export class SurfaceCadenceScheduler {
  readonly #nowFn: () => number
  readonly #timers = new Map<string, NodeJS.Timeout>()

  constructor(nowFn: () => number = Date.now) {
    this.#nowFn = nowFn
  }

  /** Milliseconds since the epoch. */
  get now(): number {
    return this.#nowFn()
  }

  /** In place of what ran under this id. `fn` is called after each full interval. */
  start(surfaceId: string, intervalMs: number, fn: () => void): void {
    this.stop(surfaceId)
    const turns = Math.max(1, Math.ceil(intervalMs / LONGEST))
    let turn = 0
    const timer = setInterval(() => {
      turn = (turn + 1) % turns
      if (turn === 0) fn()
    }, intervalMs / turns)
    this.#timers.set(surfaceId, timer)
  }

  stop(surfaceId: string): void {
    clearInterval(this.#timers.get(surfaceId))
    this.#timers.delete(surfaceId)
  }

  stopAll(): void {
    for (const id of [...this.#timers.keys()]) this.stop(id)
  }
}
