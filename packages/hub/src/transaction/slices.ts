/** Long work in slices, so that a window on the same thread never waits for it. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LongWork } from '../types/collection.ts'

const SLICE_MS = 8
/** Reading the clock costs as much as a small item: while items take no time, it is read for one in so many. */
const SMALL_ITEMS = 8
const SMALL_ITEMS_MS = 0.25

/** Ask `due()` after every item; when it is true, `await pause(done)` before the next. */
export class Slices {
  readonly #work: LongWork
  readonly #total: number
  #started = performance.now()
  #looked = this.#started
  #unlooked = 0

  constructor(work: LongWork = {}, total = 0) {
    this.#work = work
    this.#total = total
    work.signal?.throwIfAborted()
  }

  due(): boolean {
    if (this.#unlooked > 0) {
      this.#unlooked -= 1
      return false
    }
    const now = performance.now()
    if (now - this.#looked < SMALL_ITEMS_MS) this.#unlooked = SMALL_ITEMS - 1
    this.#looked = now
    return now - this.#started >= SLICE_MS
  }

  /** @throws the signal's reason once it is aborted. */
  async pause(done = 0): Promise<void> {
    await nextTurn()
    this.#work.signal?.throwIfAborted()
    this.#work.onProgress?.(done, this.#total)
    this.#started = this.#looked = performance.now()
    this.#unlooked = 0
  }
}

/** `each` with every item, in order; a promise only where that takes longer than one slice. */
export function eachInSlices<T>(
  items: readonly T[],
  slices: Slices,
  each: (item: T, at: number) => void,
): Promise<void> | undefined {
  const next = untilDue(items, 0, slices, each)
  return next < items.length ? eachLater(items, next, slices, each) : undefined
}

async function eachLater<T>(
  items: readonly T[],
  from: number,
  slices: Slices,
  each: (item: T, at: number) => void,
): Promise<void> {
  for (let next = from; next < items.length; next = untilDue(items, next, slices, each))
    await slices.pause(next)
}

/** Where to go on after a pause; the number of items when there is none to come. */
function untilDue<T>(
  items: readonly T[],
  from: number,
  slices: Slices,
  each: (item: T, at: number) => void,
): number {
  for (let at = from; at < items.length; at += 1) {
    each(items[at] as T, at) // within the array
    if (slices.due()) return at + 1
  }
  return items.length
}
