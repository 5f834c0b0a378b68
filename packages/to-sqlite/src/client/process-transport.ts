import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ReplyListener, Transport } from './transport.ts'

/** A storage host in a process of its own, for runtimes that cannot load the SQLite binding. */
export function startProcess(entry: URL, execPath: string, listener: ReplyListener): Transport {
  const child = fork(fileURLToPath(entry), [], {
    execPath,
    execArgv: [],
    // Flags meant for this runtime may be unknown to that one.
    env: { ...process.env, NODE_OPTIONS: '' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child.on('message', listener)
  return {
    // A send to a host that has gone fails here; its calls are answered when `ended` settles.
    post: (batch) => void child.send(batch, () => undefined),
    setBusy: (busy) => {
      const change = busy ? 'ref' : 'unref'
      child[change]()
      child.channel?.[change]()
    },
    ended: new Promise((resolve) => {
      child.once('error', (error) => resolve(String(error)))
      child.once('exit', (code, signal) => resolve(`The process ended with ${signal ?? `code ${code}`}.`))
    }),
    kill: () => void child.kill('SIGKILL'),
  }
}
