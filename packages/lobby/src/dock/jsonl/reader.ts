/** JSON lines: one object a line. A line that is none, or that says a name twice, is given as faulty. */
import type { LongWork } from '@noy-db/hub'
import { pace } from '../../pace.ts'
import { assertColumnCount, assertRowCount, firstRows } from '../source/collect.ts'
import { columnNames, describeTable, SAMPLE_ROWS } from '../source/describe.ts'
import { decodeText, linesOf, markedEncoding } from '../source/text.ts'
import type {
  Encoding,
  ForeignSource,
  Selection,
  SourceFacts,
  SourceReader,
  SourceRow,
} from '../source/types.ts'
import { parseLine } from './parse-line.ts'

export const jsonLinesReader: SourceReader = { kind: 'jsonl', inspect, rows }

async function inspect(source: ForeignSource, work?: LongWork): Promise<SourceFacts> {
  const encoding = await encodingOf(source)
  const sample = await firstRows(rows(source, { encoding }, work), SAMPLE_ROWS)
  const tables = [describeTable(source.name, columnNames(sample), sample)]
  return { kind: 'jsonl', name: source.name, bytes: source.bytes, detected: { encoding }, tables }
}

/** JSON is UTF-8 unless a mark says otherwise. */
async function encodingOf(source: ForeignSource): Promise<Encoding> {
  for await (const chunk of source.chunks()) return markedEncoding(chunk) ?? 'utf-8'
  return 'utf-8'
}

async function* rows(source: ForeignSource, said: Selection, work?: LongWork): AsyncIterable<SourceRow> {
  const encoding = said.encoding ?? (await encodingOf(source))
  const slices = pace(work)
  let count = 0
  for await (const { text, number } of linesOf(decodeText(source.chunks(), encoding))) {
    await slices.step(count, count)
    if (text.trim() === '') continue
    assertRowCount((count += 1))
    const { cells, faults } = parseLine(text)
    assertColumnCount(Object.keys(cells).length)
    yield { cells, place: { line: number }, faults }
  }
}
