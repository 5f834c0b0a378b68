import { parentPort } from 'node:worker_threads'
import type { HostPort } from './protocol.ts'

/** The way back to whoever started this host: the thread's port, or the process channel. */
export function connectToParent(): HostPort {
  return parentPort === null ? processPort() : threadPort(parentPort)
}

function threadPort(port: NonNullable<typeof parentPort>): HostPort {
  return {
    post: (replies) => port.postMessage(replies),
    onRequests: (listener) => void port.on('message', listener),
    onGone: (listener) => void port.once('close', listener),
    end: () => port.close(),
  }
}

function processPort(): HostPort {
  // Ctrl-C reaches the whole group: the parent decides when to stop, and its end closes the channel.
  process.on('SIGINT', () => undefined)
  return {
    post: (replies) => void process.send?.(replies),
    onRequests: (listener) => void process.on('message', listener),
    onGone: (listener) => void process.once('disconnect', listener),
    end: () => process.disconnect(),
  }
}
