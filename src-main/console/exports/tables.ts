/** Records of clients in files for people and other programs, as their templates describe them. */
import {
  exportCsv,
  exportJsonLines,
  exportReport,
  toBytesMultiVault,
  type CsvOptions,
  type MultiVaultXlsxEntry,
  type TableSource,
} from '@klum-db/lobby'
import type { CompiledCollection } from '@klum-db/lobby/templates'
import { tableFormat, type TableFormat } from '../../../src-shared/ipc/exports.ts'
import { AppError } from '../app-error.ts'
import { clientNames, clientTemplate } from '../clients/names.ts'
import type { Open } from '../session.ts'
import { type Fact, factsOf } from './table-words.ts'

export const tableFormats = tableFormat.options

/** Ids by client and collection. */
export type RowChoice = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>

export interface TableRequest {
  readonly format: TableFormat
  readonly vaults: readonly string[]
  /** Default: those of each client's template. */
  readonly collections?: readonly string[]
  readonly columns?: readonly string[]
  readonly headings?: 'names' | 'labels'
  readonly csv?: Omit<CsvOptions, 'headings'>
  /** Of a report. */
  readonly locale?: string
  readonly title?: string
  /** Only these records, and the words they were found by. Default: all. */
  readonly only?: { readonly rows: RowChoice; readonly search: string }
}

export interface TableWork {
  readonly signal?: AbortSignal
  /** The worker that writes workbooks, where it is bundled. */
  readonly workbookEntry?: string | undefined
  /** For each record that is read; a report reads each twice. */
  readonly onRecord?: () => void
}

export type Chunks = Iterable<Uint8Array> | AsyncIterable<string>

export interface ClientTable extends TableSource {
  readonly clientName: string
  readonly label: string
  readonly filter?: () => boolean
}

/**
 * The file in chunks.
 * @throws AppError NOT_FOUND for a client or collection that is not there, BAD_INPUT for a CSV of several; ExportCapabilityError
 */
export async function exportTables(
  open: Open,
  request: TableRequest,
  { signal, workbookEntry, onRecord }: TableWork = {},
): Promise<Chunks> {
  const tables = await tablesOf(open, request, onRecord)
  const work = signal === undefined ? {} : { signal }
  switch (request.format) {
    case 'xlsx':
      return [
        await toBytesMultiVault(
          entriesOf(tables),
          workbookOptions(open, tables, request, workbookEntry),
          work,
        ),
      ]
    case 'jsonl':
      return exportJsonLines(tables, work)
    case 'html':
      return exportReport(reportTables(tables), reportOptions(open, tables, request), work)
    case 'csv':
      return exportCsv(theOnly(tables), { ...request.csv, headings: request.headings ?? 'names' }, work)
  }
}

/** What the file will say of itself. */
export async function tableWords(open: Open, request: TableRequest): Promise<Fact[]> {
  return factsOf(open, await tablesOf(open, request), request)
}

async function tablesOf(open: Open, request: TableRequest, onRecord?: () => void): Promise<ClientTable[]> {
  const { vaults, collections, columns, only } = request
  const nameOf = await clientNames(open.state)
  const clients = await Promise.all(vaults.map((vaultId) => clientOf(open, vaultId)))
  assertThere(collections ?? [], new Set(clients.flatMap(({ known }) => [...known])))
  return clients.flatMap(({ vault, described, known }) =>
    (collections ?? [...described.keys()])
      .filter((collection) => known.has(collection))
      .map((collection): ClientTable => {
        const template = described.get(collection)
        return {
          vault,
          collection,
          clientName: nameOf(vault.name),
          label: template?.label.many ?? collection,
          ...(template !== undefined && { template }),
          ...(columns !== undefined && { columns }),
          ...(only !== undefined && { ids: only.rows.get(vault.name)?.get(collection) ?? new Set() }),
          ...(onRecord !== undefined && { filter: counting(onRecord) }),
        }
      }),
  )
}

async function clientOf(open: Open, vaultId: string) {
  const vault = await open.vault(vaultId)
  const described = open.templates.get(open.templateNames.get(vaultId) ?? clientTemplate).collections
  return { vault, described, known: new Set([...described.keys(), ...(await vault.collections())]) }
}

function counting(onRecord: () => void): () => true {
  return () => {
    onRecord()
    return true
  }
}

function assertThere(names: readonly string[], known: ReadonlySet<string>): void {
  const missing = names.find((name) => !known.has(name))
  if (missing === undefined) return
  throw new AppError(
    'NOT_FOUND',
    `There is no collection "${missing}". Nothing was exported. Choose one of: ${[...known].sort().join(', ')}.`,
  )
}

function entriesOf(tables: readonly ClientTable[]): MultiVaultXlsxEntry[] {
  const entries = new Map<string, MultiVaultXlsxEntry>()
  for (const { vault, clientName, label, collection, template, columns, ids, filter } of tables) {
    const chosen = columns ?? fieldsOf(template)
    const sheet = {
      name: label,
      collection,
      ...(chosen !== undefined && { columns: chosen }),
      ...(filter !== undefined && { filter }),
    }
    const known = entries.get(vault.name)
    const closure = ids && new Map([...(known?.closure ?? []), [collection, ids]])
    const sheets = [...(known?.sheets ?? []), sheet]
    entries.set(vault.name, { vault, label: clientName, sheets, ...(closure && { closure }) })
  }
  return [...entries.values()]
}

function fieldsOf(template: CompiledCollection | undefined): string[] | undefined {
  return template?.fields.map(({ path }) => path).filter((path) => !path.includes('*'))
}

function workbookOptions(
  open: Open,
  tables: readonly ClientTable[],
  request: TableRequest,
  workerEntry: string | undefined,
) {
  const { headings = 'labels', title = open.profile.firmName } = request
  const describe = (vault: string, collection: string): CompiledCollection | undefined =>
    tables.find((table) => table.vault.name === vault && table.collection === collection)?.template
  const about = [
    { label: 'Office', value: title },
    ...factsOf(open, tables, request),
    { label: 'Made at', value: open.now() },
  ]
  return { describe, headings, about, ...(workerEntry !== undefined && { workerEntry }) }
}

function reportTables(tables: readonly ClientTable[]) {
  return tables.map((table) => ({ ...table, heading: `${table.clientName}: ${table.label}` }))
}

function reportOptions(open: Open, tables: readonly ClientTable[], request: TableRequest) {
  const { locale, title = open.profile.firmName } = request
  return {
    title,
    madeAt: open.now(),
    ...(locale !== undefined && { locale }),
    filters: factsOf(open, tables, request),
  }
}

function theOnly(tables: readonly ClientTable[]): ClientTable {
  const [table, ...others] = tables
  if (table === undefined || others.length > 0)
    throw new AppError(
      'BAD_INPUT',
      'A CSV file holds one collection of one client. Nothing was exported. Choose one of each.',
    )
  return table
}
