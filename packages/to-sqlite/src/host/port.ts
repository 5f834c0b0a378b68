import { isMainThread, type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { maySpin, spin } from '../spin.ts'
import type { HostPort, Request } from './protocol.ts'

/** How long this thread looks for the next call before it sleeps; a caller that has work between calls finds it awake. */
const lookMs = 0.15

/** The event loop gets its turn at least this often: the owner's note has a timer. */
const turnMs = 100

/** The way back to whoever started this host: the port its thread was given, or the process channel. */
export function connectToParent(): HostPort {
  return isMainThread ? processPort() : threadPort(workerData as MessagePort) // as the worker transport starts it
}

function threadPort(port: MessagePort): HostPort {
  const look = (): readonly Request[] | undefined =>
    receiveMessageOnPort(port)?.message as readonly Request[] | undefined // the client posts nothing else
  return {
    post: (replies) => port.postMessage(replies),
    onRequests: (listener) =>
      void port.on('message', (requests: readonly Request[]) => listen(requests, look, listener)),
    onGone: (listener) => void port.once('close', listener),
    end: () => port.close(),
  }
}

function listen(
  first: readonly Request[],
  look: () => readonly Request[] | undefined,
  listener: (requests: readonly Request[]) => void,
): void {
  const turnEnds = performance.now() + turnMs
  for (let requests: readonly Request[] | undefined = first; requests !== undefined;) {
    listener(requests)
    const now = performance.now()
    requests = maySpin && now < turnEnds ? spin(look, now + lookMs) : undefined
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
