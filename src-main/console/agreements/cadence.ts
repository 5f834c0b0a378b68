/**
 * The rhythm of agreements while the workspace is open: what has ended is noted, what became due is told to the screens, and what
 * has an outbox is put there when its time comes. Ends with the lock.
 */
import { type Cadence, SurfaceRunner, type SurfaceRow } from '@klum-db/lobby'
import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWhole } from '../capped-files.ts'
import type { ConsoleOptions, Emit } from '../options.ts'
import type { Open } from '../session.ts'
import { makeDelivery } from './deliveries.ts'
import { type Books, booksOf, deskOf } from './desk.ts'

const everyMs = 60_000

export interface CadenceWatch {
  readonly follow: (open: Open) => Promise<void>
  stop(): void
  status(books: Books): Promise<Cadence[]>
}

export function createCadenceWatch({
  emit,
  background = true,
}: Pick<ConsoleOptions, 'emit' | 'background'>): CadenceWatch {
  let stopNow = (): void => undefined
  const stop = (): void => {
    stopNow()
    stopNow = () => undefined
  }
  return {
    async follow(open) {
      stop()
      if (!background) return
      stopNow = startWatch(await booksOf(open), emit)
    },
    stop,
    status: (books) => runnerOf(books).status(),
  }
}

/** One process owns the workspace file, so that a lease of another session is of one that ended. */
function runnerOf(books: Books): SurfaceRunner {
  return new SurfaceRunner(books.state, {
    alone: true,
    clock: books.clock,
    wants: async (id) => (await outboxOf(books, id)) !== null,
    exchange: (row, signal) => putIntoOutbox(books, row, signal),
  })
}

async function outboxOf({ open }: Books, id: string): Promise<string | null> {
  return (await open.state.agreements.get(id))?.outbox ?? null
}

/** Its key is sealed to the other office: nothing that opens it without their workspace lies beside it. */
async function putIntoOutbox(books: Books, { id }: SurfaceRow, signal: AbortSignal): Promise<void> {
  const folder = await outboxOf(books, id)
  if (folder === null) return
  // Before its number is used: what could not be written would be lost until the next time.
  await access(folder, constants.W_OK)
  const request = { id, key: { form: 'sealed' as const }, full: false }
  const made = await makeDelivery(await deskOf(books.open), request, { signal, progress: () => undefined })
  await writeWhole(join(folder, `${made.name}${made.keyEnding}`), Buffer.from(made.keyFile, 'utf8'))
  await writeWhole(join(folder, `${made.name}.noydb`), made.container)
}

function startWatch(books: Books, emit: Emit): () => void {
  const runner = runnerOf(books)
  let told = ''
  const look = async (): Promise<void> => {
    await books.surfaces.expire()
    const now = JSON.stringify(
      (await runner.status()).map(({ surface, status, missed }) => [surface, status, missed]),
    )
    if (now !== told) emit('agreements:changed', {})
    told = now
  }
  const quietly = (): void => {
    look().catch((error: unknown) => {
      if (!books.open.db.isClosed) console.warn('Agreements that are due could not be looked up:', error)
    })
  }
  const timer = setInterval(quietly, everyMs)
  timer.unref()
  quietly()
  runner.start(everyMs)
  return () => {
    clearInterval(timer)
    runner.stop()
  }
}
