/** One worker thread: started, sent a batch, watched, and ended when a batch runs away. */
import { Worker } from 'node:worker_threads'
import { TransformWorkerError, type LimitKind } from '../errors.ts'
import { READY, ROW, STEP, type BatchReply, type BatchRequest, type WorkerSettings } from './protocol.ts'

/** Where a batch was when its worker was ended. */
export interface Runaway {
  readonly limit: LimitKind
  readonly row: number
  readonly step: number
}

export type BatchEnd = { readonly reply: BatchReply } | { readonly runaway: Runaway }

export interface ThreadOptions {
  readonly entry: URL
  readonly settings: Omit<WorkerSettings, 'progress'>
  readonly batchMs: number
  readonly memoryMiB: number
}

export interface Thread {
  /** False once it was ended or ended itself. */
  readonly alive: boolean
  /** @throws TransformWorkerError, the signal's reason */
  run(batch: BatchRequest, signal?: AbortSignal): Promise<BatchEnd>
  end(): Promise<void>
}

/** @throws TransformWorkerError */
export async function startThread(options: ThreadOptions): Promise<Thread> {
  const progress = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))
  const worker = new Worker(options.entry, {
    name: 'template-expressions',
    workerData: { ...options.settings, progress: progress.buffer } satisfies WorkerSettings,
    // Flags and variables of this runtime are no business of a template.
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: options.memoryMiB, maxYoungGenerationSizeMb: 32 },
  })
  let alive = true
  // Always heard, also between batches: an error nobody listens to would end this process.
  worker.on('error', () => (alive = false))
  worker.on('exit', () => (alive = false))
  await started(worker).catch(async (error: unknown) => {
    await worker.terminate()
    throw error
  })
  worker.unref()
  return {
    get alive() {
      return alive
    },
    async run(batch, signal) {
      signal?.throwIfAborted()
      Atomics.store(progress, ROW, 0)
      Atomics.store(progress, STEP, 0)
      worker.ref() // a caller waits for it; an idle one keeps no process alive
      try {
        return await watched(worker, batch, { progress, options, signal })
      } finally {
        worker.unref()
      }
    },
    async end() {
      await worker.terminate()
    },
  }
}

/** Loading the worker takes a moment, on a busy machine several. */
const START_MS = 30_000

function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(late)
      reject(new TransformWorkerError(reason))
    }
    const late = setTimeout(() => fail('their worker does not start.'), START_MS)
    worker.once('message', (message) => {
      clearTimeout(late)
      if (message === READY) resolve()
      else fail('their worker does not answer as it should.')
    })
    worker.once('error', (error) => fail(error instanceof Error ? error.message : String(error)))
    worker.once('exit', (code) => fail(`their worker ended with code ${code}.`))
  })
}

interface Watch {
  readonly progress: Int32Array
  readonly options: ThreadOptions
  readonly signal: AbortSignal | undefined
}

/** Exactly one of: the reply, an end by the watch, a crash, or the caller's abort. */
async function watched(worker: Worker, request: BatchRequest, watch: Watch): Promise<BatchEnd> {
  const { progress, signal } = watch
  const place = () => ({ row: Atomics.load(progress, ROW), step: Atomics.load(progress, STEP) })
  const listening = new AbortController()
  /** Ended on purpose: from here on nobody listens to how it goes. */
  const terminate = (): Promise<unknown> => {
    listening.abort()
    return worker.terminate()
  }
  try {
    return await new Promise<BatchEnd>((resolve, reject) => {
      const end = (limit: LimitKind): void => {
        const runaway = { limit, ...place() }
        terminate().then(() => resolve({ runaway }), reject)
      }
      // The worker may be inside a loop: asking it to stop would wait for ever.
      const abort = (): void => void terminate().then(() => reject(reasonOf(signal)), reject)
      watchTime(watch, end, listening.signal)
      on(worker, 'message', listening.signal, (reply) => resolve({ reply: reply as BatchReply })) // all it says after READY
      on(worker, 'error', listening.signal, (error) => {
        if (isOutOfMemory(error)) resolve({ runaway: { limit: 'memory', ...place() } })
        else reject(new TransformWorkerError(String(error)))
      })
      on(worker, 'exit', listening.signal, (code) =>
        reject(new TransformWorkerError(`their worker ended with code ${String(code)}.`)),
      )
      signal?.addEventListener('abort', abort, { signal: listening.signal })
      worker.postMessage(request)
    })
  } finally {
    listening.abort()
  }
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new Error(String(reason))
}

function on(worker: Worker, event: string, until: AbortSignal, listener: (value: unknown) => void): void {
  worker.on(event, listener)
  until.addEventListener('abort', () => worker.off(event, listener))
}

/** Looks now and then: a record that is still the same one at two looks has had its time at least once. */
function watchTime({ progress, options }: Watch, end: (limit: LimitKind) => void, until: AbortSignal): void {
  const { recordMs } = options.settings
  const startedAt = performance.now()
  let seen = -1
  const look = setInterval(() => {
    const row = Atomics.load(progress, ROW)
    if (performance.now() - startedAt > options.batchMs) stop('batch-time')
    else if (row === seen) stop('record-time')
    seen = row
  }, recordMs)
  const stop = (limit: LimitKind): void => {
    clearInterval(look)
    end(limit)
  }
  until.addEventListener('abort', () => clearInterval(look))
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
}
