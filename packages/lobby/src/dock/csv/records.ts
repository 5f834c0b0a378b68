/** csv-parse as a loop that is asked for rows, each with the line it starts on. */
import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { dockLimits } from '../limits.ts'
import { beyond, invalid } from '../source/error.ts'
import type { Delimiter } from '../source/types.ts'

export interface CsvRecord {
  readonly cells: readonly string[]
  /** Of its first character, from 1. */
  readonly line: number
  /** A quoted cell goes on behind its end: `"so" it`. Its cells may be other ones than were meant. */
  readonly isMisquoted: boolean
}

interface Parsed {
  readonly record: readonly string[]
  readonly raw: string
  readonly info: { readonly lines: number }
}

/** @throws SourceError, also for a quote that is never closed: where the rows behind it start, nobody can say */
export async function* csvRecords(
  texts: AsyncIterable<string>,
  delimiter: Delimiter,
): AsyncIterable<CsvRecord> {
  let ended = 0
  const input = Readable.from(boundedLines(texts), { objectMode: false })
  const parser = parse({
    delimiter,
    info: true,
    raw: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: dockLimits.rowChars,
    // Called as a record is found, before those that wait to be asked for are given.
    on_record: (record, { lines }) => {
      ended = lines
      return record
    },
  })
  input.on('error', (error) => parser.destroy(error))
  input.pipe(parser)
  const wellQuoted = wellQuotedRecord(delimiter)
  try {
    // As `info` and `raw` make it.
    for await (const parsed of parser as AsyncIterable<Parsed>) {
      const { record, raw } = parsed
      const isMisquoted = raw.includes('"') && !wellQuoted.test(raw)
      yield { cells: record, line: firstLine(parsed), isMisquoted }
    }
  } catch (error) {
    throw explain(error, ended + 1)
  } finally {
    input.destroy()
  }
}

/** A quote inside a cell that does not start with one, as in 5" pipe, is a letter like others. */
function wellQuotedRecord(delimiter: Delimiter): RegExp {
  const mark = delimiter === '|' ? '\\|' : delimiter
  const cell = `(?:"(?:[^"]|"")*"|(?:[^"${mark}\\r\\n][^${mark}\\r\\n]*)?)`
  return new RegExp(`^[\\r\\n]*${cell}(?:${mark}${cell})*[\\r\\n]*$`)
}

/** The parser tells the line a record ends on; line breaks inside its cells lie before. */
function firstLine({ record, info }: Parsed): number {
  const breaks = record.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0)
  return Math.max(1, info.lines - breaks)
}

function explain(error: unknown, line: number): unknown {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  if (code === 'CSV_MAX_RECORD_SIZE') return tooLong()
  if (code === 'CSV_QUOTE_NOT_CLOSED') return invalid('A quote is opened and never closed.', { line })
  return typeof code === 'string' && code.startsWith('CSV_')
    ? invalid('The file cannot be read as a table.', { line })
    : error
}

function tooLong(): Error {
  return beyond(`A row has more than ${dockLimits.rowChars} characters.`)
}

/** Delimiters count for nothing in the parser's own cap: a line of ten million empty cells is refused here. */
async function* boundedLines(texts: AsyncIterable<string>): AsyncIterable<string> {
  let open = 0
  for await (const text of texts) {
    for (let at = 0; at < text.length;) {
      const end = text.indexOf('\n', at)
      open += (end === -1 ? text.length : end) - at
      if (open > dockLimits.rowChars) throw tooLong()
      if (end === -1) break
      open = 0
      at = end + 1
    }
    yield text
  }
}
