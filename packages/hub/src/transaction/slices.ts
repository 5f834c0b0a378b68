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
