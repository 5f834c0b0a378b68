/** One collection as a table: which columns, which rows, read in chunks. CSV, JSON lines and reports are made of it. */
import type { VaultApi } from '@noy-db/hub'
import type { CompiledCollection } from '../templates/compile.ts'
import { hintFor } from '../templates/display.ts'
import { cellOf, type ColumnOrigin, type ExportCell } from './cells.ts'

export type ExportRecord = Readonly<Record<string, unknown>>

export interface TableSource {
  readonly vault: VaultApi
  readonly collection: string
  /** Describes the fields: amounts, dates and decimals become such; without it values are taken as they are. */
  readonly template?: CompiledCollection
  /** Fields by name or dotted path, in this order. Default: those of the template, else of the records as they come. */
  readonly columns?: readonly string[]
  readonly filter?: (record: ExportRecord) => boolean
  /** Rows outside are left out; an empty set leaves out all. */
  readonly ids?: ReadonlySet<string>
}

export interface ExportColumn extends ColumnOrigin {
  /** As the template calls it; else the path. */
  readonly label: string
}

export interface ExportRow {
  readonly id: string
  readonly record: ExportRecord
}

/** In the collection's order. */
export async function* rowsOf({ vault, collection, ids, filter }: TableSource): AsyncGenerator<ExportRow[]> {
  if (ids?.size === 0) return
  for await (const chunk of vault.collection<ExportRecord>(collection).query().chunks()) {
    yield chunk.filter(
      ({ id, record }) => (ids === undefined || ids.has(id)) && (filter === undefined || filter(record)),
    )
  }
}

/** Without a choice and a template the records are read once for their names, in the order they are met. */
export async function columnsOfTable(source: TableSource): Promise<ExportColumn[]> {
  const { template } = source
  const paths = source.columns ?? (template === undefined ? await namesMet(source) : fieldsOf(template))
  return paths.map((path) => columnFor(path, template))
}

export function columnFor(path: string, collection: CompiledCollection | undefined): ExportColumn {
  const hint = collection === undefined ? null : hintFor(collection, path)
  return { path, hint, collection, label: hint?.label ?? path }
}

export function cellsOf(record: ExportRecord, columns: readonly ExportColumn[]): ExportCell[] {
  return columns.map((column) => cellOf(record, column))
}

/** Entries of lists have no column of their own; the list has. */
function fieldsOf({ fields }: CompiledCollection): string[] {
  return fields.map(({ path }) => path).filter((path) => !path.includes('*'))
}

async function namesMet(source: TableSource): Promise<string[]> {
  const names = new Set<string>()
  for await (const rows of rowsOf(source)) {
    for (const { record } of rows) for (const name of Object.keys(record)) names.add(name)
  }
  return [...names]
}
