/** A transport without a cable, for tests: handlers by call name, and events sent by hand. */
import type { WireResult } from '../../src-shared/ipc/errors.ts'
import type { EventMap, EventName } from '../../src-shared/ipc/events.ts'
import type { Transport, WireCall, WireEvent } from '../../src-shared/ipc/transport.ts'

type Handler = (input: never, call: WireCall) => unknown

export class MemoryTransport implements Transport {
  readonly calls: WireCall[] = []
  readonly #handlers: Readonly<Record<string, Handler>>
  readonly #listeners = new Set<(event: WireEvent) => void>()

  constructor(handlers: Readonly<Record<string, Handler>> = {}) {
    this.#handlers = handlers
  }

  async invoke(call: WireCall): Promise<WireResult> {
    this.calls.push(call)
    const handler = this.#handlers[call.name]
    if (!handler) return { ok: false, error: { code: 'UNKNOWN_CALL', message: call.name } }
    try {
      // The test that wrote the handler knows the input of its call.
      return { ok: true, value: await handler(call.input as never, call) }
    } catch (error) {
      return { ok: false, error: error as { code: 'INTERNAL'; message: string } }
    }
  }

  subscribe(listener: (event: WireEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit<Name extends EventName>(name: Name, payload: EventMap[Name]): void {
    for (const listener of this.#listeners) listener({ name, payload })
  }

  get listenerCount(): number {
    return this.#listeners.size
  }

  named(name: string): WireCall[] {
    return this.calls.filter((call) => call.name === name)
  }
}
