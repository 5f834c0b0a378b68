/** The line to a host: a thread, or a process for runtimes that cannot load the binding. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Reply, Request } from './protocol.ts'

export interface Line {
  post(request: Request): void
  /** Called with each reply, and with the reason when the host is gone. */
  listen(onReply: (reply: Reply) => void, onGone: (reason: string) => void): void
  end(): Promise<void>
}

export function threadLine(entry: URL): Line {
  const worker = new Worker(entry, { name: 'foreign-host', execArgv: [] })
  return {
    post: (request) => worker.postMessage(request),
    listen(onReply, onGone) {
      worker.on('message', onReply)
      worker.once('error', (error) => onGone(String(error)))
      worker.once('exit', (code) => onGone(`The thread ended with code ${code}.`))
    },
    async end() {
      await worker.terminate()
    },
  }
}

export function processLine(entry: URL, execPath: string): Line {
  const child = fork(fileURLToPath(entry), [], {
    execPath,
    execArgv: [],
    // Flags meant for this runtime may be unknown to that one.
    env: { ...process.env, NODE_OPTIONS: '' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return {
    // A send to a host that has gone fails here; `onGone` tells the caller.
    post: (request) => void child.send(request, () => undefined),
    listen(onReply, onGone) {
      child.on('message', onReply)
      child.once('error', (error) => onGone(String(error)))
      child.once('exit', (code, signal) => onGone(`The process ended with ${signal ?? `code ${code}`}.`))
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}
