/** Instance-wide events. A handler that throws does not disturb the write that caused the event. */
import type { NoydbEventMap } from '../types/events.ts'
import { isolate } from './isolate.ts'

type Handler<K extends keyof NoydbEventMap> = (data: NoydbEventMap[K]) => void
type HandlerLists = { [K in keyof NoydbEventMap]: Handler<K>[] }

export class Emitter {
  #handlers: HandlerLists = { change: [], 'write:conflict': [] }

  on<K extends keyof NoydbEventMap>(event: K, handler: Handler<K>): void {
    this.#handlers[event].push(handler)
  }

  off<K extends keyof NoydbEventMap>(event: K, handler: Handler<K>): void {
    const handlers = this.#handlers[event]
    const at = handlers.indexOf(handler)
    if (at >= 0) handlers.splice(at, 1)
  }

  /** Synchronously, in the order of registration. */
  emit<K extends keyof NoydbEventMap>(event: K, data: NoydbEventMap[K]): void {
    for (const handler of [...this.#handlers[event]]) {
      isolate(`A handler of "${event}"`, () => handler(data))
    }
  }

  clear(): void {
    this.#handlers = { change: [], 'write:conflict': [] }
  }
}
