/** Start of the host, in a thread or a process. Bundle this file as its own entry. */
import { parentPort } from 'node:worker_threads'
import type { Reply, Request } from '../protocol.ts'

const port = parentPort

// better-sqlite3 13 takes the process down, without an exception, when it is loaded below Node-API 10.
const answer =
  Number(process.versions.napi) >= 10
    ? (await import('./answer.ts')).answer
    : (): Reply => ({
        failure: {
          kind: 'invalid',
          message: `Databases need Node 24 to be read; this is ${process.version}.`,
        },
      })

if (port !== null) port.on('message', (request: Request) => port.postMessage(answer(request)))
else process.on('message', (request: Request) => void process.send?.(answer(request)))
