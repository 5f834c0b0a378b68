/** Locks by the wall clock: a machine that slept past the time is locked on its first breath, not minutes later. */
export interface AutoLock {
  touch(): void
  stop(): void
}

const checkEveryMs = 5_000

export interface AutoLockOptions {
  readonly clock: () => number
  readonly minutes: () => number
  readonly lock: () => void
}

export function startAutoLock({ clock, minutes, lock }: AutoLockOptions): AutoLock {
  let lastUse = clock()
  const timer = setInterval(() => {
    const idle = clock() - lastUse
    // A clock set back far cannot be told from a long absence; it counts as one.
    if (idle >= minutes() * 60_000 || idle < -60_000) lock()
  }, checkEveryMs)
  timer.unref()
  return {
    touch: () => void (lastUse = clock()),
    stop: () => {
      clearInterval(timer)
    },
  }
}
