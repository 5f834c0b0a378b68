/**
 * Runs chains of expressions over many records in a worker: in batches, one after the other, with limits that no
 * expression can talk its way around. The worker is started at the first batch and kept until `close`.
 */
import { limits as recordLimits, type LongWork } from '@noy-db/hub'
import { pathToFileURL } from 'node:url'
import { isAbsolute } from 'node:path'
import { TransformLimitError, type ExpressionPlace } from '../errors.ts'
import { templateLimits } from '../limits.ts'
import type { Row } from './outcome.ts'
import type { BatchEnd, Runaway, Thread, ThreadOptions } from './thread.ts'
import { startThread } from './thread.ts'
import type { StepFailure } from './protocol.ts'

export interface RunnerOptions {
  /** The worker's entry when bundled, an absolute path. Default: the source beside this file. */
  readonly entry?: string | URL
  /** Tighter limits than `templateLimits`; for tests. */
  readonly limits?: Partial<Record<LimitName, number>>
}

type LimitName = Extract<keyof typeof templateLimits, `expression${string}`>

/** The result of the whole chain, parsed from JSON, or the step that failed. */
export type RunResult = { readonly id: string } & (
  { readonly value: unknown } | { readonly failure: StepFailure }
)

export interface Run {
  readonly expressions: readonly string[]
  readonly rows: readonly Row[]
  /** Names a step for an error. */
  readonly placeOf: (step: number, id: string) => ExpressionPlace
}

export interface ExpressionRunner {
  /**
   * In the order of the rows.
   * @throws TransformLimitError, TransformWorkerError, the signal's reason when aborted
   */
  run(run: Run, work?: LongWork): Promise<RunResult[]>
  close(): Promise<void>
}

export function createExpressionRunner({ entry, limits = {} }: RunnerOptions = {}): ExpressionRunner {
  const bounds: Record<LimitName, number> = { ...templateLimits, ...limits }
  const options: ThreadOptions = {
    entry: entryUrl(entry),
    batchMs: bounds.expressionBatchMs,
    memoryMiB: bounds.expressionMemoryMiB,
    settings: {
      recordMs: bounds.expressionRecordMs,
      depth: bounds.expressionDepth,
      sequence: bounds.expressionSequence,
      resultChars: recordLimits.recordBytes,
      resultDepth: recordLimits.recordDepth,
    },
  }
  let thread: Promise<Thread> | null = null
  // Runs wait for each other: the worker has one thread anyway.
  let last: Promise<unknown> = Promise.resolve()

  const runBatch = async (batch: Batch, run: Run, work: LongWork): Promise<RunResult[]> => {
    const running = (thread = aliveThread(thread, options))
    const texts = batch.map(({ text }) => text)
    const { expressions } = run
    const end = await (await running).run({ expressions, rows: texts }, work.signal)
    return readEnd(end, batch, run)
  }
  const runAll = async (run: Run, work: LongWork): Promise<RunResult[]> => {
    const results: RunResult[] = []
    for (const batch of batchesOf(run, bounds)) {
      work.signal?.throwIfAborted()
      for (const result of await runBatch(batch, run, work)) results.push(result)
      work.onProgress?.(results.length, run.rows.length)
    }
    return results
  }
  return {
    run(run, work = {}) {
      const running = last.then(() => runAll(run, work))
      last = running.catch(() => undefined) // told to its own caller
      return running
    },
    async close() {
      const closing = thread
      thread = null
      await (await closing?.catch(() => null))?.end() // one that never started was reported to its caller
    },
  }
}

/** The thread there is, or a new one where that was ended or never started. */
async function aliveThread(known: Promise<Thread> | null, options: ThreadOptions): Promise<Thread> {
  const thread = await known?.catch(() => null) // it failed to start, and its caller was told
  return thread?.alive === true ? thread : startThread(options)
}

function entryUrl(entry: string | URL | undefined): URL {
  if (entry === undefined) return new URL('./worker.ts', import.meta.url)
  return typeof entry === 'string' && isAbsolute(entry) ? pathToFileURL(entry) : new URL(entry)
}

type Batch = { readonly id: string; readonly text: string }[]

/** By count and by size, so that neither many records nor large ones make a batch that cannot be cancelled. */
function* batchesOf({ rows, placeOf }: Run, bounds: Record<LimitName, number>): Generator<Batch> {
  let batch: Batch = []
  let chars = 0
  for (const { id, body } of rows) {
    const text = JSON.stringify(body)
    if (Buffer.byteLength(text) > recordLimits.recordBytes)
      throw new TransformLimitError(placeOf(0, id), 'input-size')
    const full =
      batch.length >= bounds.expressionBatchRecords || chars + text.length > bounds.expressionBatchBytes
    if (full && batch.length > 0) {
      yield batch
      batch = []
      chars = 0
    }
    batch.push({ id, text })
    chars += text.length
  }
  if (batch.length > 0) yield batch
}

function readEnd(end: BatchEnd, batch: Batch, run: Run): RunResult[] {
  if ('runaway' in end) throw limitError(end.runaway, batch, run)
  return end.reply.results.map((result, at) => {
    const id = batch[at]?.id ?? ''
    if (typeof result === 'string') return { id, value: JSON.parse(result) as unknown }
    if (result.kind === 'limit')
      throw limitError({ limit: 'record-time', row: at, step: result.step }, batch, run)
    return { id, failure: result }
  })
}

function limitError({ limit, row, step }: Runaway, batch: Batch, { placeOf }: Run): TransformLimitError {
  return new TransformLimitError(placeOf(step, batch[row]?.id ?? ''), limit)
}
