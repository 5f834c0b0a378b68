/** The thread that writes a workbook: sheets and their rows come in pieces, the file goes back whole. */
import { parentPort } from 'node:worker_threads'
import { LobbyError } from '../../errors.ts'
import type { ExportCell } from '../cells.ts'
import { workbookBytes, type SheetTable } from './workbook-bytes.ts'

export type WorkbookPart =
  | { readonly sheet: Omit<SheetTable, 'rows'> }
  /** Of the sheet that came last. */
  | { readonly rows: SheetTable['rows'] }
  | { readonly end: true }

export type WorkbookAnswer =
  { readonly bytes: Uint8Array } | { readonly failed: string; readonly limit: boolean }

const tables: (Omit<SheetTable, 'rows'> & { readonly rows: (readonly ExportCell[])[] })[] = []

parentPort?.on('message', (part: WorkbookPart) => {
  if ('sheet' in part) tables.push({ ...part.sheet, rows: [] })
  else if ('rows' in part) tables.at(-1)?.rows.push(...part.rows)
  else void answer()
})

async function answer(): Promise<void> {
  try {
    const bytes = await workbookBytes(tables)
    parentPort?.postMessage({ bytes } satisfies WorkbookAnswer, [bytes.buffer])
  } catch (error) {
    // Classes do not travel between threads.
    const failed = error instanceof Error ? error.message : String(error)
    parentPort?.postMessage({ failed, limit: error instanceof LobbyError } satisfies WorkbookAnswer)
  }
}
