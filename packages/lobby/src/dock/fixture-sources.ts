/** Foreign files for tests: the reference data in place, and texts as files. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bytesSource } from './source/open.ts'
import type { Cell, ForeignSource, Selection, SourceReader, SourceRow } from './source/types.ts'

export const dataFolder = resolve(
  process.env['LOBBY_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../../../shared/data'),
)

export const hasData = existsSync(dataFolder)

export function dataText(...path: string[]): string {
  return readFileSync(join(dataFolder, ...path), 'utf8')
}

export function dataSource(...path: string[]): ForeignSource {
  return bytesSource(path.at(-1) ?? '', readFileSync(join(dataFolder, ...path)))
}

export function textSource(name: string, text: string, encoding: BufferEncoding = 'utf8'): ForeignSource {
  return bytesSource(name, Buffer.from(text, encoding))
}

export async function allRows(
  reader: SourceReader,
  source: ForeignSource,
  selection: Selection = {},
): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const row of reader.rows(source, selection)) rows.push(row)
  return rows
}

/** Of a cell that is no list and no object. */
export function textOf(cell: Cell | undefined): string {
  if (typeof cell === 'object' || cell === undefined) throw new Error('The cell holds no plain value.')
  return String(cell)
}
