/** The longest time the main loop was not free, seen in two ways, in runs of their own: watching costs time too. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface Watch {
  /** Milliseconds. */
  stop(): number
}

/** The histogram Node keeps: how late a timer of 1 ms came. */
export function watchHistogram(): Watch {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  return {
    stop() {
      histogram.disable()
      return histogram.max / 1e6
    },
  }
}

/** The longest time from one turn of the loop to the next; it never lets the loop sleep. */
export function watchTurns(): Watch {
  let longest = 0
  let last = performance.now()
  const look = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const turn = (): void => {
    look()
    next = setImmediate(turn)
  }
  let next = setImmediate(turn)
  return {
    stop() {
      look()
      clearImmediate(next)
      return longest
    },
  }
}
