/** The cable between renderer and main: two functions, the same over Electron IPC and over the loopback host. */
import type { WireResult } from './errors.ts'
import type { EventMap, EventName } from './events.ts'

export interface WireCall {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

export interface WireEvent<Name extends EventName = EventName> {
  readonly name: Name
  readonly payload: EventMap[Name]
}

export interface Transport {
  invoke(call: WireCall): Promise<WireResult>
  /** @returns an unsubscribe function. */
  subscribe(listener: (event: WireEvent) => void): () => void
}

/** Name under which the Electron preload exposes its transport. */
export const bridgeKey = 'lobby'
