/** Workbooks: each sheet a table; values only, as the file stores them. Formulas, links and macros are never run. */
import type { LongWork } from '@noy-db/hub'
import { onlySignal, pace, type Pace } from '../../pace.ts'
import { dockLimits } from '../limits.ts'
import { assertRowCount } from '../source/collect.ts'
import { describeTable, columnNames, SAMPLE_ROWS } from '../source/describe.ts'
import { invalid } from '../source/error.ts'
import { headingsOf, plainHeadings } from '../source/headings.ts'
import type {
  Cell,
  ForeignSource,
  SourceFault,
  Selection,
  SourceFacts,
  SourceReader,
  SourceRow,
  TableFacts,
} from '../source/types.ts'
import { Archive } from './archive.ts'
import { sheetRows, type SheetRow } from './sheet-rows.ts'
import { readWorkbook, type Sheet, type Workbook } from './workbook.ts'

export const xlsxReader: SourceReader = { kind: 'xlsx', inspect, rows }

async function inspect(source: ForeignSource, work?: LongWork): Promise<SourceFacts> {
  const slices = pace(onlySignal(work))
  const archive = await Archive.open(source)
  try {
    const book = await readWorkbook(archive, slices)
    const tables: TableFacts[] = []
    for (const sheet of book.sheets) tables.push(await describeSheet(archive, sheet, book, slices))
    return { kind: 'xlsx', name: source.name, bytes: source.bytes, detected: {}, tables }
  } finally {
    archive.close()
  }
}

async function describeSheet(
  archive: Archive,
  sheet: Sheet,
  book: Workbook,
  slices: Pace,
): Promise<TableFacts> {
  const sample: SourceRow[] = []
  for await (const row of namedRows(archive, sheet, book, slices)) {
    sample.push(row)
    if (sample.length === SAMPLE_ROWS) break
  }
  return describeTable(sheet.name, columnNames(sample), sample)
}

async function* rows(source: ForeignSource, said: Selection, work?: LongWork): AsyncIterable<SourceRow> {
  const slices = pace(onlySignal(work))
  const archive = await Archive.open(source)
  try {
    const book = await readWorkbook(archive, slices)
    const sheet =
      said.table === undefined ? book.sheets[0] : book.sheets.find(({ name }) => name === said.table)
    if (sheet === undefined) throw invalid(`The workbook has no sheet ${said.table ?? ''}.`)
    yield* namedRows(archive, sheet, book, slices, said.header)
  } finally {
    archive.close()
  }
}

/** The first row with anything in it names the columns. */
async function* namedRows(
  archive: Archive,
  sheet: Sheet,
  book: Workbook,
  slices: Pace,
  header = true,
): AsyncIterable<SourceRow> {
  let headings: readonly string[] | null = null
  let count = 0
  for await (const row of sheetRows(archive, sheet, book, slices)) {
    if (headings === null) {
      headings = header ? headingsOf(row.cells.map(headingText)) : plainHeadings(row.cells.length)
      if (header) continue
    }
    assertRowCount((count += 1))
    yield rowOf(sheet, row, headings)
  }
}

function headingText(cell: Cell): string {
  return cell === null || typeof cell === 'object' ? '' : String(cell)
}

function rowOf(sheet: Sheet, { cells, number }: SheetRow, headings: readonly string[]): SourceRow {
  const width = Math.max(cells.length, headings.length)
  const named = Array.from({ length: width }, (_, at): [string, Cell] => [
    headings[at] ?? `Column ${at + 1}`,
    cells[at] ?? null,
  ])
  const faults: SourceFault[] = []
  if (cells.length > headings.length) {
    const message = `It has cells in ${cells.length} columns; ${headings.length} have a heading.`
    faults.push({ code: 'RAGGED', message })
  }
  for (const [column, cell] of named) {
    if (typeof cell !== 'string') continue
    if (cell.length > dockLimits.cellChars)
      faults.push({
        code: 'TOO_LONG',
        message: `The cell has more than ${dockLimits.cellChars} characters.`,
        column,
      })
    if (/^#(?:DIV\/0!|N\/A|NAME\?|NULL!|NUM!|REF!|VALUE!)$/.test(cell))
      faults.push({ code: 'CELL', message: `The sheet could not compute it: ${cell}`, column })
  }
  return { cells: Object.fromEntries(named), place: { sheet: sheet.name, cell: `A${number}` }, faults }
}
