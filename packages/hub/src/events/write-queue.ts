/** How many logical writes are on their way. */
import type { WriteQueue } from '../types/events.ts'
import { isolate } from './isolate.ts'

export class WriteCounter implements WriteQueue {
  #depth = 0
  readonly #handlers = new Set<() => void>()
  #waiting: Array<() => void> = []

  get depth(): number {
    return this.#depth
  }

  get pending(): boolean {
    return this.#depth > 0
  }

  onChange(handler: () => void): () => void {
    this.#handlers.add(handler)
    return () => this.#handlers.delete(handler)
  }

  /** Resolves once nothing is in flight; at once when idle. */
  onFlush(): Promise<void> {
    if (this.#depth === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  track<T>(work: () => Promise<T>): Promise<T> {
    return trackAll([this], work)
  }

  /** One write more, or one less. */
  change(by: 1 | -1): void {
    this.#depth += by
    for (const handler of this.#handlers) {
      isolate('A handler of the write queue', handler)
    }
    if (this.#depth === 0) this.#waiting.splice(0).forEach((resolve) => resolve())
  }
}

/** Counted by each of them. */
export async function trackAll<T>(counters: readonly WriteCounter[], work: () => Promise<T>): Promise<T> {
  for (const counter of counters) counter.change(1)
  try {
    return await work()
  } finally {
    for (const counter of counters) counter.change(-1)
  }
}
