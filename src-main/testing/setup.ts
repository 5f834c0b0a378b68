/**
 * Runs before each file of component tests and stands where the preload stands: it puts the cable to the host on the
 * window. The host's thread starts with the first workspace that is asked for and ends with the file.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll } from 'vitest'
import type { WireEvent } from '../../src-shared/ipc/transport.ts'
import { type FromHost, hostKey, type TestHost, type ToHost } from './port.ts'

type Asked = ToHost extends infer One ? (One extends ToHost ? Omit<One, 'at'> : never) : never
type Answer = Extract<FromHost, { result: unknown }>['result']

const waiting = new Map<number, PromiseWithResolvers<Answer>>()
const listeners = new Set<(event: WireEvent) => void>()
let worker: { readonly thread: Worker; readonly folder: string } | undefined
let asked = 0

function ask(what: Asked): Promise<Answer> {
  worker ??= start()
  const at = (asked += 1)
  const answer = Promise.withResolvers<Answer>()
  waiting.set(at, answer)
  worker.thread.postMessage({ at, ...what })
  return answer.promise
}

function start(): NonNullable<typeof worker> {
  const folder = mkdtempSync(join(tmpdir(), 'lobby-test-host-'))
  const thread = new Worker(join(import.meta.dirname, 'host.ts'), { workerData: folder })
  thread.on('message', hear)
  thread.on('error', fail)
  return { thread, folder }
}

afterAll(async () => {
  await worker?.thread.terminate()
  if (worker) rmSync(worker.folder, { recursive: true, force: true })
})

function hear(message: FromHost): void {
  if ('event' in message) {
    for (const listener of listeners) listener(message.event)
    return
  }
  const answer = waiting.get(message.at)
  waiting.delete(message.at)
  if ('fault' in message) answer?.reject(new Error(message.fault))
  else answer?.resolve(message.result)
}

function fail(error: unknown): void {
  for (const answer of waiting.values()) answer.reject(error)
  waiting.clear()
}

const host: TestHost = {
  async begin(seed) {
    await ask({ begin: seed })
  },
  transport: {
    invoke: (call) => ask({ call }),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  },
}
Object.assign(globalThis, { [hostKey]: host })
