import type { bridgeKey, Transport } from '../../../src-shared/ipc/transport.ts'

const key: typeof bridgeKey = 'lobby'

/** The transport the preload put on the window; undefined in a browser. */
export function electronTransport(): Transport | undefined {
  // Only our own preload writes this property, and it writes exactly this shape.
  return (window as { [key]?: Transport })[key]
}
