/** One question to many shards: bounded, watched, stoppable; answers in registry order, failures in their slots. */
import { LobbyError } from '../../errors.ts'
import { pace } from '../../pace.ts'
import type { FleetWork, VaultRegistryRow } from '../types.ts'

/** Enough to keep one storage host busy while keys and ciphers run here. */
const DEFAULT_CONCURRENCY = 8

export type ShardAnswer<A> =
  | { readonly row: VaultRegistryRow; readonly answer: A; readonly error?: undefined }
  | { readonly row: VaultRegistryRow; readonly answer?: undefined; readonly error: Error }

export interface FanOutWork extends FleetWork {
  readonly concurrency?: number
}

/** Never rejects for one shard. @throws the reason of an aborted signal */
export async function fanOut<A>(
  rows: readonly VaultRegistryRow[],
  ask: (row: VaultRegistryRow) => Promise<A>,
  work: FanOutWork,
): Promise<ShardAnswer<A>[]> {
  const answers: ShardAnswer<A>[] = []
  const slices = pace(work.signal === undefined ? undefined : { signal: work.signal })
  let [next, done] = [0, 0]
  const worker = async (): Promise<void> => {
    while (next < rows.length) {
      const at = next
      next += 1
      const row = rows[at]
      if (row === undefined) continue
      await slices.step()
      answers[at] = await answerOf(row, ask, work)
      done += 1
      work.onProgress?.(done, rows.length)
    }
  }
  work.signal?.throwIfAborted()
  const workers = Math.min(rows.length, workersOf(work.concurrency))
  await Promise.all(Array.from({ length: workers }, worker))
  work.signal?.throwIfAborted()
  return answers
}

function workersOf(concurrency = DEFAULT_CONCURRENCY): number {
  return Math.max(1, Math.floor(concurrency) || 1)
}

async function answerOf<A>(
  row: VaultRegistryRow,
  ask: (row: VaultRegistryRow) => Promise<A>,
  work: FleetWork,
): Promise<ShardAnswer<A>> {
  try {
    return { row, answer: await inTime(row, ask, work) }
  } catch (error) {
    if (work.signal?.aborted === true) throw error
    return { row, error: error instanceof Error ? error : new Error(String(error), { cause: error }) }
  }
}

/** What is given up on goes on in the background; its result is dropped. */
async function inTime<A>(
  row: VaultRegistryRow,
  ask: (row: VaultRegistryRow) => Promise<A>,
  { signal, shardTimeoutMs }: FleetWork,
): Promise<A> {
  if (signal === undefined && shardTimeoutMs === undefined) return ask(row)
  let release = (): void => undefined
  const givenUp = new Promise<never>((_resolve, reject) => {
    const late = `${row.vaultId} gave no answer within ${shardTimeoutMs ?? 0} ms.`
    const onAbort = (): void => reject(abortReason(signal))
    const onTime = (): void => reject(new LobbyError('SHARD_TIMEOUT', late))
    const timer = shardTimeoutMs === undefined ? undefined : setTimeout(onTime, shardTimeoutMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    release = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  })
  try {
    return await Promise.race([ask(row), givenUp])
  } finally {
    release()
  }
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new Error('The work was stopped.', { cause: reason })
}
