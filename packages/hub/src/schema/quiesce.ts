/** Waiting for what is under way, for so long and no longer. */
import { QuiesceTimeoutError } from '../errors.ts'
import type { WriteQueue } from '../types/events.ts'

const QUIESCE_MS = 30_000

/** @throws QuiesceTimeoutError */
export async function quiesce(writes: WriteQueue, vault: string, timeoutMs = QUIESCE_MS): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const message = `Writes to ${vault} were still under way after ${timeoutMs} ms; nothing was migrated.`
    timer = setTimeout(() => reject(new QuiesceTimeoutError(message)), timeoutMs)
    timer.unref() // a waiting cutover is no reason for a process to stay
  })
  try {
    await Promise.race([writes.onFlush(), late])
  } finally {
    clearTimeout(timer)
  }
}
