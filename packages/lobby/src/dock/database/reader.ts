/**
 * Database files through a port: what is a table and how its rows are batched is the engine's business, which runs outside
 * this package and off the main thread (`@klum-db/dock-sqlite`).
 */
import type { LongWork } from '@noy-db/hub'
import { pace } from '../../pace.ts'
import { dockLimits } from '../limits.ts'
import { assertColumnCount, assertRowCount, firstRows } from '../source/collect.ts'
import { describeTable, SAMPLE_ROWS } from '../source/describe.ts'
import { beyond, invalid } from '../source/error.ts'
import { headingsOf } from '../source/headings.ts'
import type {
  Cell,
  ForeignSource,
  Selection,
  SourceFacts,
  SourceFault,
  SourceReader,
  SourceRow,
  TableFacts,
} from '../source/types.ts'

export interface ForeignTable {
  readonly name: string
  /** Ordinary columns, in the order of the values. */
  readonly columns: readonly string[]
}

/** Whole numbers that are exact, decimal text for others, null, or the bytes of what is no value for people. */
export type ForeignValue = string | number | null | { readonly bytes: number }

export interface ForeignDatabase {
  /** Ordinary tables only: nothing that runs a definition of the file. */
  tables(): Promise<readonly ForeignTable[]>
  batches(table: string): AsyncIterable<readonly (readonly ForeignValue[])[]>
  close(): Promise<void>
}

/** Why a database cannot be read, as the port says it: `invalid` or `limit`, in words for people. */
export interface ForeignDatabaseFailure {
  readonly kind: 'invalid' | 'limit'
  readonly message: string
}

export type OpenForeignDatabase = (
  path: string,
  caps: { readonly maxBytes: number; readonly maxChars: number },
) => Promise<ForeignDatabase>

export function databaseReader(open: OpenForeignDatabase): SourceReader {
  return {
    kind: 'sqlite',
    inspect: (source, work) => inspect(open, source, work),
    rows: (source, selection, work) => rows(open, source, selection, work),
  }
}

async function inspect(
  open: OpenForeignDatabase,
  source: ForeignSource,
  work?: LongWork,
): Promise<SourceFacts> {
  const database = await openSource(open, source)
  try {
    const tables: TableFacts[] = []
    for (const table of await tablesOf(database)) {
      const sample = await firstRows(tableRows(database, table, work), SAMPLE_ROWS)
      tables.push(describeTable(table.name, headingsOf(table.columns), sample))
    }
    return { kind: 'sqlite', name: source.name, bytes: source.bytes, detected: {}, tables }
  } finally {
    await database.close()
  }
}

async function* rows(
  open: OpenForeignDatabase,
  source: ForeignSource,
  said: Selection,
  work?: LongWork,
): AsyncIterable<SourceRow> {
  const database = await openSource(open, source)
  try {
    const tables = await tablesOf(database)
    const table = said.table === undefined ? tables[0] : tables.find(({ name }) => name === said.table)
    if (table === undefined) throw invalid(`The database has no table ${said.table ?? ''}.`)
    yield* tableRows(database, table, work)
  } finally {
    await database.close()
  }
}

async function openSource(open: OpenForeignDatabase, { path }: ForeignSource): Promise<ForeignDatabase> {
  if (path === undefined) throw invalid('A database is read from a file on disk.')
  try {
    return await open(path, { maxBytes: dockLimits.sourceBytes, maxChars: dockLimits.cellChars })
  } catch (error) {
    throw sourceErrorOf(error)
  }
}

async function tablesOf(database: ForeignDatabase): Promise<readonly ForeignTable[]> {
  const tables = await database.tables().catch((error: unknown) => {
    throw sourceErrorOf(error)
  })
  if (tables.length > dockLimits.tables)
    throw beyond(`The database has more than ${dockLimits.tables} tables.`)
  for (const { columns } of tables) assertColumnCount(columns.length)
  return tables
}

async function* tableRows(
  database: ForeignDatabase,
  table: ForeignTable,
  work?: LongWork,
): AsyncIterable<SourceRow> {
  const names = headingsOf(table.columns)
  const slices = pace(work)
  let row = 0
  try {
    for await (const batch of database.batches(table.name)) {
      for (const values of batch) {
        await slices.step(row, row)
        assertRowCount((row += 1))
        yield rowOf(names, values, { table: table.name, row })
      }
    }
  } catch (error) {
    throw sourceErrorOf(error)
  }
}

function rowOf(
  names: readonly string[],
  values: readonly ForeignValue[],
  place: { readonly table: string; readonly row: number },
): SourceRow {
  const faults: SourceFault[] = []
  const cells = names.map((column, at): [string, Cell] => {
    const value = values[at] ?? null
    if (typeof value !== 'object' || value === null) return [column, value]
    faults.push({
      code: 'CELL',
      message: `It holds ${value.bytes} bytes that are no text of a cell.`,
      column,
    })
    return [column, null]
  })
  return { cells: Object.fromEntries(cells), place, faults }
}

function sourceErrorOf(error: unknown): unknown {
  if (!isFailure(error)) return error
  return error.failure.kind === 'limit' ? beyond(error.failure.message) : invalid(error.failure.message)
}

function isFailure(error: unknown): error is { readonly failure: ForeignDatabaseFailure } {
  return typeof error === 'object' && error !== null && 'failure' in error
}
