/** Delimited text: encoding, delimiter, heading, number and date forms are detected; ragged rows are given as faulty. */
import type { LongWork } from '@noy-db/hub'
import { pace } from '../../pace.ts'
import { dockLimits } from '../limits.ts'
import { assertColumnCount, assertRowCount, firstRows } from '../source/collect.ts'
import { columnNames, describeTable, SAMPLE_ROWS } from '../source/describe.ts'
import { headingsOf, plainHeadings } from '../source/headings.ts'
import { decodeText, detectEncoding } from '../source/text.ts'
import type {
  Delimiter,
  Encoding,
  ForeignSource,
  SourceFault,
  Selection,
  SourceFacts,
  SourceReader,
  SourceRow,
} from '../source/types.ts'
import { detectDelimiter, detectHeader } from './detect.ts'
import { csvRecords, type CsvRecord } from './records.ts'

const BEGINNING = 64 * 1024

interface Reading {
  readonly encoding: Encoding
  readonly delimiter: Delimiter
  readonly header: boolean
}

export const csvReader: SourceReader = { kind: 'csv', inspect, rows }

async function inspect(source: ForeignSource, work?: LongWork): Promise<SourceFacts> {
  const detected = await detect(source, {}, work)
  const sample = await firstRows(rows(source, detected, work), SAMPLE_ROWS)
  const table = describeTable(source.name, columnNames(sample), sample)
  return { kind: 'csv', name: source.name, bytes: source.bytes, detected, tables: [table] }
}

async function detect(source: ForeignSource, said: Selection, work?: LongWork): Promise<Reading> {
  const encoding = said.encoding ?? (await detectEncoding(source, work))
  const beginning = await beginningOf(source, encoding)
  const delimiter = said.delimiter ?? detectDelimiter(beginning)
  return { encoding, delimiter, header: said.header ?? (await startsWithHeader(beginning, delimiter)) }
}

/** Whole lines of it, where there is more. */
async function beginningOf(source: ForeignSource, encoding: Encoding): Promise<string> {
  let text = ''
  for await (const piece of decodeText(source.chunks(), encoding)) {
    text += piece
    if (text.length >= BEGINNING) return text.slice(0, BEGINNING).replace(/\n[^\n]*$/, '\n')
  }
  return text
}

async function startsWithHeader(beginning: string, delimiter: Delimiter): Promise<boolean> {
  for await (const { cells } of csvRecords(oneText(beginning), delimiter)) return detectHeader(cells)
  return false
}

async function* oneText(text: string): AsyncIterable<string> {
  yield text
}

async function* rows(source: ForeignSource, said: Selection, work?: LongWork): AsyncIterable<SourceRow> {
  const { encoding, delimiter, header } = await detect(source, said, work)
  const slices = pace(work)
  let headings: readonly string[] | null = null
  let count = 0
  for await (const record of csvRecords(decodeText(source.chunks(), encoding), delimiter)) {
    await slices.step(count, count)
    assertColumnCount(record.cells.length)
    if (headings === null) {
      headings = header ? headingsOf(record.cells) : plainHeadings(record.cells.length)
      if (header) continue
    }
    assertRowCount((count += 1))
    yield rowOf(record, headings)
  }
}

function rowOf({ cells, line, isMisquoted }: CsvRecord, headings: readonly string[]): SourceRow {
  const named = cells.map((cell, at): [string, string] => [headings[at] ?? `Column ${at + 1}`, cell])
  const faults: SourceFault[] = []
  if (isMisquoted) faults.push({ code: 'QUOTES', message: 'A quoted cell goes on behind its closing quote.' })
  if (cells.length !== headings.length) {
    const message = `It has ${cells.length} cells; the table has ${headings.length} columns.`
    faults.push({ code: 'RAGGED', message })
  }
  for (const [column, cell] of named) {
    if (cell.length <= dockLimits.cellChars) continue
    faults.push({
      code: 'TOO_LONG',
      message: `The cell has more than ${dockLimits.cellChars} characters.`,
      column,
    })
  }
  return { cells: Object.fromEntries(named), place: { line }, faults }
}
