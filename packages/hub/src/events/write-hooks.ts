/** Hooks around writes. Writes made by a hook do not call hooks again, others that run meanwhile do. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Unsubscribe, WriteEvent, WriteHook } from '../types/events.ts'
import { isolateAsync } from './isolate.ts'

export class WriteHooks {
  #before: WriteHook[] = []
  #after: WriteHook[] = []
  readonly #inHook = new AsyncLocalStorage<true>()

  onBefore(hook: WriteHook): Unsubscribe {
    this.#before = [...this.#before, hook]
    return () => (this.#before = this.#before.filter((other) => other !== hook))
  }

  onAfter(hook: WriteHook): Unsubscribe {
    this.#after = [...this.#after, hook]
    return () => (this.#after = this.#after.filter((other) => other !== hook))
  }

  get wantsBefore(): boolean {
    return this.#before.length > 0 && this.#inHook.getStore() === undefined
  }

  get wantsAfter(): boolean {
    return this.#after.length > 0 && this.#inHook.getStore() === undefined
  }

  /** One that throws stops the write. */
  runBefore(event: WriteEvent): Promise<void> {
    return this.#inHook.run(true, async () => {
      for (const hook of this.#before) await hook(event)
    })
  }

  /** The write has happened: a failing hook is only warned about. */
  runAfter(event: WriteEvent): Promise<void> {
    return this.#inHook.run(true, async () => {
      for (const hook of this.#after) {
        await isolateAsync('A hook after a write', () => hook(event))
      }
    })
  }

  clear(): void {
    this.#before = []
    this.#after = []
  }
}
