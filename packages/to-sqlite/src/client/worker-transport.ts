import { Worker } from 'node:worker_threads'
import type { ReplyListener, Transport } from './transport.ts'

/** A storage host in a thread of this process. */
export function startWorker(entry: URL, listener: ReplyListener): Transport {
  const worker = new Worker(entry, { name: 'storage-host', execArgv: [] })
  worker.on('message', listener)
  return {
    post: (batch) => worker.postMessage(batch),
    setBusy: (busy) => (busy ? worker.ref() : worker.unref()),
    ended: new Promise((resolve) => {
      worker.once('error', (error) => resolve(String(error)))
      worker.once('exit', (code) => resolve(`The thread ended with code ${code}.`))
    }),
    kill: () => void worker.terminate(),
  }
}
