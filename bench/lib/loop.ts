/** The longest time the main loop was not free, seen in two ways, in runs of their own: watching costs time too. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds, by the name of what was looked at. */
export type Longest = Readonly<Record<string, number>>

export interface Watch {
  stop(): Longest
}

/** The histogram Node keeps: how late a timer of 1 ms came. */
export function watchHistogram(): Watch {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  return {
    stop() {
      histogram.disable()
      return { monitorEventLoopDelay: histogram.max / 1e6 }
    },
  }
}

/**
 * From one turn of the loop to the next; it never lets the loop sleep. The processor time of the longest turn leaves out
 * what other programs took of the machine meanwhile: it is the part that is ours.
 */
export function watchTurns(): Watch {
  let [wall, cpu] = [0, 0]
  let [lastWall, lastCpu] = [performance.now(), threadMs()]
  const look = (): void => {
    const [nowWall, nowCpu] = [performance.now(), threadMs()]
    wall = Math.max(wall, nowWall - lastWall)
    cpu = Math.max(cpu, nowCpu - lastCpu)
    ;[lastWall, lastCpu] = [nowWall, nowCpu]
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
      return { 'turn to turn': wall, 'busy in one turn': cpu }
    },
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
