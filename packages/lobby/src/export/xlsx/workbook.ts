/** Writes workbooks on a thread of its own, so that nothing else waits for one. */
import type { LongWork } from '@noy-db/hub'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { LobbyError } from '../../errors.ts'
import { onlySignal, pace } from '../../pace.ts'
import { exportLimits } from '../limits.ts'
import { tooMuch, type SheetTable } from './workbook-bytes.ts'
import type { WorkbookAnswer, WorkbookPart } from './workbook-worker.ts'

const ROWS_AT_ONCE = 500

/** `entry`: the bundled worker; default the source beside this file. @throws LobbyError EXPORT_LIMIT, the signal's reason */
export async function workbookOf(
  tables: readonly SheetTable[],
  entry: string | URL = new URL('./workbook-worker.ts', import.meta.url),
  work?: LongWork,
): Promise<Uint8Array> {
  assertFits(tables)
  const worker = new Worker(entry, { name: 'workbook', execArgv: [], env: {} })
  try {
    const answer = answerOf(worker, work?.signal)
    answer.catch(() => undefined) // it may fail while rows are still sent; it is awaited below
    await send(worker, tables, work)
    return await answer
  } catch (error) {
    work?.signal?.throwIfAborted() // whatever the thread made of it
    throw error
  } finally {
    await worker.terminate()
  }
}

async function send(worker: Worker, tables: readonly SheetTable[], work?: LongWork): Promise<void> {
  const slices = pace(onlySignal(work))
  const post = (part: WorkbookPart): void => worker.postMessage(part)
  for (const { rows, ...sheet } of tables) {
    post({ sheet })
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      await slices.step()
      post({ rows: rows.slice(at, at + ROWS_AT_ONCE) })
    }
  }
  post({ end: true })
}

/** `once` throws what the worker throws, and when it is aborted. */
async function answerOf(worker: Worker, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const [message] = (await once(worker, 'message', { ...(signal && { signal }) })) as [WorkbookAnswer] // all it ever says
  if ('bytes' in message) return message.bytes
  throw message.limit ? new LobbyError('EXPORT_LIMIT', message.failed) : new Error(message.failed)
}

function assertFits(tables: readonly SheetTable[]): void {
  const { sheetRows, sheetColumns, sheets, workbookCells } = exportLimits
  if (tables.length > sheets) throw tooMuch(`${tables.length} sheets; a workbook holds ${sheets}`)
  let cells = 0
  for (const { name, headings, rows } of tables) {
    if (rows.length >= sheetRows)
      throw tooMuch(`${rows.length} rows in "${name}"; a sheet holds ${sheetRows - 1}`)
    if (headings.length > sheetColumns)
      throw tooMuch(`${headings.length} columns in "${name}"; a sheet holds ${sheetColumns}`)
    cells += headings.length * (rows.length + 1)
  }
  if (cells > workbookCells) throw tooMuch(`${cells} cells; a workbook holds ${workbookCells}`)
}
