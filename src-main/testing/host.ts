/**
 * The third host: the same services behind a message port, for component tests. It runs in a worker thread because the
 * test's own thread is a browser in all but name (jsdom), where neither SQLite nor the engine belongs.
 */
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { FilePurpose } from '../../src-shared/ipc/system.ts'
import type { Console } from '../console/console.ts'
import { createHandlers } from '../ipc/handlers/index.ts'
import { type Dispatch, registerContract } from '../ipc/register.ts'
import { logToStandardError } from '../ipc/encode-error.ts'
import { type FromHost, passphrase, type ToHost, type WorkspaceSeed } from './port.ts'
import { createSeeds, testConsole } from './seed.ts'

// The starter owns the folder: it removes it when this thread is gone.
const seeded = createSeeds(workerData as string)
let running: { readonly console: Console; readonly dispatch: Dispatch } | null = null

function say(message: FromHost): void {
  parentPort?.postMessage(message)
}

async function begin({ foreign, ...seed }: WorkspaceSeed): Promise<void> {
  await running?.console.close()
  const { file, offered } = await seeded(seed)
  const brought = foreign === undefined ? offered.bundle : await written(file, foreign)
  const files: Partial<Record<FilePurpose, string>> = { ...offered, import: brought }
  const console_ = testConsole(file, {
    emit: (name, payload) => {
      if (running?.console === console_) say({ event: { name, payload } })
    },
    chooseFile: (purpose) => Promise.resolve(files[purpose] ?? null),
  })
  await console_.workspace.unlock(passphrase)
  const dispatch = registerContract({
    handlers: createHandlers(console_),
    startJob: (jobId, call) => console_.jobs.start(jobId, call),
    log: logToStandardError,
    checkOutput: true,
  })
  running = { console: console_, dispatch }
}

/** Beside the workspace, as a file that came by mail. */
async function written(workspace: string, content: string): Promise<string> {
  const path = join(dirname(workspace), 'statement.csv')
  await writeFile(path, content)
  return path
}

async function answer(asked: ToHost): Promise<void> {
  const { at } = asked
  try {
    if ('begin' in asked) {
      await begin(asked.begin)
      say({ at, result: { ok: true, value: {} } })
    } else if (running === null) say({ at, fault: 'No workspace has begun.' })
    else say({ at, result: await running.dispatch(asked.call) })
  } catch (error) {
    say({ at, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

parentPort?.on('message', (asked: ToHost) => void answer(asked))
