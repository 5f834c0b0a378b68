/** Long work in slices, so that a window on the same thread never waits for it. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LongWork } from '../types/collection.ts'

const SLICE_MS = 8

/** Ask `due()` after every item; when it is true, `await pause(done)` before the next. */
export class Slices {
  readonly #work: LongWork
  readonly #total: number
  #started = performance.now()

  constructor(work: LongWork = {}, total = 0) {
    this.#work = work
    this.#total = total
    work.signal?.throwIfAborted()
  }

  due(): boolean {
    return performance.now() - this.#started >= SLICE_MS
  }

  /** @throws the signal's reason once it is aborted. */
  async pause(done = 0): Promise<void> {
    await nextTurn()
    this.#work.signal?.throwIfAborted()
    this.#work.onProgress?.(done, this.#total)
    this.#started = performance.now()
  }
}
