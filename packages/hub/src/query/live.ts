/** A result that follows its collection: recomputed at every change, keeping the last good value on error. */
import { isolate } from '../events/isolate.ts'
import type { LiveQuery } from '../types/query.ts'

export function createLiveQuery<T>(
  compute: () => readonly T[],
  watch: (onChange: () => void) => () => void,
): LiveQuery<T> {
  const listeners = new Set<() => void>()
  let value: readonly T[] = []
  let error: Error | null = null

  const refresh = (): void => {
    try {
      value = compute()
      error = null
    } catch (cause) {
      error = cause instanceof Error ? cause : new Error(String(cause), { cause })
    }
  }
  refresh()
  const unwatch = watch(() => {
    refresh()
    // One that stops the query takes the others along.
    for (const listener of [...listeners]) {
      if (listeners.has(listener)) isolate('A listener of a live query', listener)
    }
  })

  return {
    get value() {
      return value
    },
    get error() {
      return error
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop() {
      unwatch()
      listeners.clear()
    },
  }
}
