/**
 * Looking again instead of going to sleep. Waking a thread that sleeps takes the operating system 50 to 100 microseconds each way,
 * a record in SQLite takes five to fifty: with both sides awake one call after the other runs at the speed of the call.
 */
import { availableParallelism } from 'node:os'

const pause: (() => void) | undefined = 'pause' in Atomics ? Atomics.pause : undefined

/** With one processor the other side cannot work while this one looks. */
export const maySpin = availableParallelism() > 1

/** About a microsecond in which the other thread of this core has its units to itself. Runtimes below V8 13.3 have no `pause`. */
const rest = (): void => {
  for (let at = 0; at < 24; at += 1) pause?.()
}

/** Milliseconds that only grow. */
export type Clock = () => number

export const clock: Clock = () => performance.now()

/** What `look` finds before the deadline; it is asked once at least. */
export function spin<T>(look: () => T | undefined, deadline: number, now: Clock = clock): T | undefined {
  for (;;) {
    const found = look()
    if (found !== undefined || now() >= deadline) return found
    rest()
  }
}
