/**
 * The worker that runs the expressions of templates. Bundle this file as an entry of its own. It has no channel but its
 * port, and expressions reach nothing but their input and the functions offered to them.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { pinTime } from './pinned-time.ts'
import { READY, ROW, STEP, type BatchReply, type BatchRequest, type WorkerSettings } from './protocol.ts'
import { createEvaluator } from './evaluate.ts'

const port = parentPort
if (port === null) throw new Error('This file is the start of a worker thread.')

const settings = workerData as WorkerSettings // given by the runner, which is the only one to start this
const progress = new Int32Array(settings.progress)
pinTime()
const evaluate = createEvaluator(settings, (step) => void Atomics.store(progress, STEP, step))

async function runBatch({ expressions, rows }: BatchRequest): Promise<BatchReply> {
  const results: BatchReply['results'][number][] = []
  for (const [at, row] of rows.entries()) {
    Atomics.store(progress, ROW, at)
    const result = await evaluate(expressions, row)
    results.push(result)
    if (typeof result !== 'string' && result.kind === 'limit') break
  }
  return { results }
}

port.on('message', (request: BatchRequest) => {
  void runBatch(request).then((reply) => port.postMessage(reply))
})
port.postMessage(READY)
