/** Keeps long work off the main loop's back: at most a slice at a time, and a look at the abort signal between. */
import { setImmediate } from 'node:timers/promises'
import type { LongWork } from '@noy-db/hub'

/** A little under the 10 ms the console allows, since one step runs after the clock was read. */
const SLICE_MS = 7

export interface Pace {
  /** Call between steps; returns at once while the slice lasts. @throws the signal's reason when aborted. */
  step(done?: number, total?: number): Promise<void> | undefined
}

export function pace(work: LongWork | undefined): Pace {
  let sliceEnds = performance.now() + SLICE_MS
  return {
    step(done, total) {
      work?.signal?.throwIfAborted()
      if (performance.now() < sliceEnds) return undefined
      if (done !== undefined && total !== undefined) work?.onProgress?.(done, total)
      return setImmediate().then(() => {
        sliceEnds = performance.now() + SLICE_MS
        work?.signal?.throwIfAborted()
      })
    },
  }
}

/** For a phase whose steps are not what the caller counts. */
export function onlySignal(work: LongWork | undefined): LongWork | undefined {
  return work?.signal === undefined ? undefined : { signal: work.signal }
}
