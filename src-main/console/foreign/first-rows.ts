/**
 * The first rows of the file that is being mapped, read once: a change of the mapping is tried on them at once. The whole
 * file is read when its import is planned. One file at a time, capped, and gone with the lock.
 */
import type { ForeignSource, MappingProfile, SourceReader, SourceRow } from '@klum-db/lobby'
import type { LongWork } from '@noy-db/hub'
import { selectionOf } from './file-view.ts'

/** As many as its columns are described by. */
const ROWS = 1000
/** As JSON, all of them together. */
const CHARS = 8 * 1024 * 1024

export interface FirstRows {
  readonly rows: readonly SourceRow[]
  /** These are all. */
  readonly complete: boolean
}

export class FirstRowsCache {
  #held: { readonly key: string; readonly firstRows: FirstRows } | undefined

  /** @throws SourceError, the signal's reason */
  async of(
    handle: string,
    source: ForeignSource,
    { reader, reading }: { readonly reader: SourceReader; readonly reading: MappingProfile['reading'] },
    work: LongWork,
  ): Promise<FirstRows> {
    const key = JSON.stringify([handle, source.bytes, source.writtenAt, reader.kind, reading])
    if (this.#held?.key === key) return this.#held.firstRows
    const firstRows = await readFirst(reader.rows(source, selectionOf(reading), work))
    this.#held = { key, firstRows }
    return firstRows
  }

  clear(): void {
    this.#held = undefined
  }
}

async function readFirst(from: AsyncIterable<SourceRow>): Promise<FirstRows> {
  const rows: SourceRow[] = []
  let chars = 0
  for await (const row of from) {
    chars += JSON.stringify(row.cells).length
    if (rows.length === ROWS || chars > CHARS) return { rows, complete: false }
    rows.push(row)
  }
  return { rows, complete: true }
}
