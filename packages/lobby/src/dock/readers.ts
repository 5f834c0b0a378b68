/** The readers by kind. That of SQLite files is injected: it needs a database engine, which this package does not. */
import { csvReader } from './csv/reader.ts'
import { jsonLinesReader } from './jsonl/reader.ts'
import { ofxReader } from './ofx/reader.ts'
import type { SourceKind, SourceReader } from './source/types.ts'
import { ublReader } from './ubl/reader.ts'
import { xlsxReader } from './xlsx/reader.ts'

export const foreignReaders: Readonly<Record<Exclude<SourceKind, 'sqlite'>, SourceReader>> = {
  csv: csvReader,
  jsonl: jsonLinesReader,
  xlsx: xlsxReader,
  ubl: ublReader,
  ofx: ofxReader,
}
