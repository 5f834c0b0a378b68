import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Reply } from '../host/protocol.ts'
import { maySpin } from '../spin.ts'
import { Patience } from './patience.ts'
import type { ReplyListener, Transport } from './transport.ts'

/** A storage host in a thread of this process. The line is a port of its own: a worker's built-in one cannot be looked at. */
export function startWorker(entry: URL, listener: ReplyListener): Transport {
  const { port1: port, port2: hostPort } = new MessageChannel()
  const worker = new Worker(entry, {
    name: 'storage-host',
    execArgv: [],
    workerData: hostPort,
    transferList: [hostPort],
  })
  const patience = new Patience()
  const look = (): readonly Reply[] | undefined =>
    receiveMessageOnPort(port)?.message as readonly Reply[] | undefined // the host posts nothing else
  port.on('message', listener)
  return {
    post(batch, awaited) {
      port.postMessage(batch)
      const call = batch[0]?.[1]
      const replies = maySpin && awaited && call !== undefined ? patience.lookFor(call, look) : undefined
      if (replies !== undefined) listener(replies)
    },
    setBusy(busy) {
      const change = busy ? 'ref' : 'unref'
      worker[change]()
      port[change]()
    },
    ended: new Promise((resolve) => {
      worker.once('error', (error) => resolve(String(error)))
      worker.once('exit', (code) => {
        // Its last answers may still lie in the port: the two arrive independently.
        for (let replies = look(); replies !== undefined; replies = look()) listener(replies)
        resolve(`The thread ended with code ${code}.`)
      })
    }),
    kill: () => void worker.terminate(),
  }
}
