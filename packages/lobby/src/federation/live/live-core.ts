/**
 * The life of a live result: a change opens a fixed window (a microtask, or `debounceMs`), one compute runs at a time, what
 * changes meanwhile gives exactly one more. Subscribers hear of the first result, and then only of one that differs.
 */
import { isolate } from '@noy-db/hub/kernel'
import type { LiveBinding } from '../aggregate/record-source.ts'
import type { SkippedVault } from '../types.ts'
import type { Follower, Update } from './follower.ts'

export interface LiveSetup<V> {
  readonly binding: LiveBinding
  readonly debounceMs: number | undefined
  readonly initial: V
  readonly follower: Follower<V>
}

export class LiveCore<V> {
  readonly ready: Promise<void>
  readonly #follower: Follower<V>
  readonly #debounceMs: number
  readonly #subscribers = new Set<{ readonly call: () => void }>()
  readonly #unwatch: ReadonlyArray<() => void>
  #value: V
  #skipped: readonly SkippedVault[] = []
  #error: Error | null = null
  /** Null while everything is to be computed. */
  #dirty: Set<string> | null = null
  #state: 'idle' | 'waiting' | 'computing' | 'computing, dirty' | 'stopped' = 'idle'
  #timer: ReturnType<typeof setTimeout> | undefined
  #settleReady: () => void = () => undefined
  #hasSettled = false

  constructor({ binding, debounceMs = 0, initial, follower }: LiveSetup<V>) {
    this.#value = initial
    this.#follower = follower
    this.#debounceMs = debounceMs
    this.ready = new Promise((resolve) => (this.#settleReady = resolve))
    this.#unwatch = [
      binding.subscribeToChanges((event) => {
        if (binding.isRelevant(event)) this.#touch(event.vault)
      }),
      binding.subscribeToShards?.((vaultId) => this.#touch(vaultId)) ?? (() => undefined),
    ]
    this.#schedule()
  }

  get value(): V {
    return this.#value
  }

  get skippedVaults(): readonly SkippedVault[] {
    return this.#skipped
  }

  get error(): Error | null {
    return this.#error
  }

  /** Not called at once; a subscriber that throws is warned about and disturbs nobody. */
  subscribe(cb: () => void): () => void {
    if (this.#state === 'stopped') return () => undefined
    const own = { call: cb } // the same function may be subscribed twice
    this.#subscribers.add(own)
    return () => this.#subscribers.delete(own)
  }

  stop(): void {
    if (this.#state === 'stopped') return
    this.#state = 'stopped'
    clearTimeout(this.#timer)
    for (const unwatch of this.#unwatch) unwatch()
    this.#subscribers.clear()
    this.#settleReady()
  }

  #touch(vaultId: string): void {
    this.#dirty?.add(vaultId)
    if (this.#state === 'idle') this.#schedule()
    else if (this.#state === 'computing') this.#state = 'computing, dirty'
  }

  #schedule(): void {
    this.#state = 'waiting'
    if (this.#debounceMs > 0) this.#timer = setTimeout(() => this.#begin(), this.#debounceMs)
    else queueMicrotask(() => this.#begin())
  }

  #begin(): void {
    if (this.#isStopped()) return
    const dirty = this.#dirty
    this.#dirty = new Set()
    this.#state = 'computing'
    this.#follower.update(dirty ?? 'all').then(
      (update) => this.#settle(() => this.#accept(update)),
      (error: unknown) => this.#settle(() => this.#refuse(error, dirty)),
    )
  }

  #settle(take: () => boolean): void {
    if (this.#isStopped()) return
    const differs = take()
    if (differs || !this.#hasSettled) this.#notify()
    this.#hasSettled = true
    this.#settleReady()
    if (this.#isStopped()) return // by a subscriber
    if (this.#state === 'computing, dirty') this.#schedule()
    else this.#state = 'idle'
  }

  #accept({ value, skippedVaults, changed }: Update<V>): boolean {
    const differs = changed || this.#error !== null
    if (changed) [this.#value, this.#skipped] = [value, skippedVaults]
    this.#error = null
    return differs
  }

  /** The last good value stays; what was to be computed is still to be. */
  #refuse(error: unknown, dirty: ReadonlySet<string> | null): boolean {
    const failure = error instanceof Error ? error : new Error(String(error), { cause: error })
    const differs = this.#error?.message !== failure.message
    this.#error = failure
    this.#dirty = dirty === null || this.#dirty === null ? null : new Set([...dirty, ...this.#dirty])
    return differs
  }

  #notify(): void {
    for (const { call } of [...this.#subscribers]) {
      isolate('A subscriber of a live result', call)
    }
  }

  /** Asked through a call: what runs between may have stopped it. */
  #isStopped(): boolean {
    return this.#state === 'stopped'
  }
}
