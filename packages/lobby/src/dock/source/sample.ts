/** The beginning of one table, read as a person says rather than as it was detected. */
import type { LongWork } from '@noy-db/hub'
import { firstRows } from './collect.ts'
import { columnNames, describeTable, SAMPLE_ROWS } from './describe.ts'
import type { ForeignSource, Selection, SourceReader, TableFacts } from './types.ts'

/** What the selection leaves out is detected. @throws SourceError, the signal's reason */
export async function sampleTable(
  reader: SourceReader,
  source: ForeignSource,
  selection: Selection,
  work?: LongWork,
): Promise<TableFacts> {
  const sample = await firstRows(reader.rows(source, selection, work), SAMPLE_ROWS)
  return describeTable(selection.table ?? source.name, columnNames(sample), sample)
}
