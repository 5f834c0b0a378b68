/** Records as they are stored, one line of JSON each: for programs, and to be read again. */
import type { LongWork } from '@noy-db/hub'
import { pace } from '../pace.ts'
import { rowsOf, type ExportRecord, type TableSource } from './table.ts'

/** Amounts stay in minor units, as in the record. */
export interface JsonLine {
  readonly vault: string
  readonly collection: string
  /** Storage id, which the record need not repeat. */
  readonly id: string
  readonly record: ExportRecord
}

/** Chunks of the file: one source after the other. @throws ExportCapabilityError at once, for any of the vaults */
export function exportJsonLines(sources: readonly TableSource[], work?: LongWork): AsyncGenerator<string> {
  for (const { vault } of sources) vault.assertCanExport('plaintext', 'jsonl')
  return lines(sources, work)
}

async function* lines(sources: readonly TableSource[], work?: LongWork): AsyncGenerator<string> {
  const slices = pace(work)
  for (const source of sources) {
    const { collection } = source
    for await (const rows of rowsOf(source)) {
      let chunk = ''
      for (const { id, record } of rows) {
        await slices.step()
        chunk += `${JSON.stringify({ vault: source.vault.name, collection, id, record } satisfies JsonLine)}\n`
      }
      if (chunk !== '') yield chunk
    }
  }
}
