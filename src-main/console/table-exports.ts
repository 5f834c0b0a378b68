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
import { AppError } from './app-error.ts'
import { clientNames, clientTemplate } from './clients/names.ts'
import type { Open } from './session.ts'

export const tableFormats = ['xlsx', 'csv', 'jsonl', 'html'] as const
export type TableFormat = (typeof tableFormats)[number]

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
}

type Chunks = Iterable<Uint8Array> | AsyncIterable<string>

interface ClientTable extends TableSource {
  readonly clientName: string
  readonly label: string
}

/**
 * The file in chunks.
 * @throws AppError NOT_FOUND for a client or collection that is not there, BAD_INPUT for a CSV of several; ExportCapabilityError
 */
export async function exportTables(open: Open, request: TableRequest, signal?: AbortSignal): Promise<Chunks> {
  const tables = await tablesOf(open, request)
  const work = signal === undefined ? {} : { signal }
  switch (request.format) {
    case 'xlsx':
      return [await toBytesMultiVault(entriesOf(tables), describing(tables, request), work)]
    case 'jsonl':
      return exportJsonLines(tables, work)
    case 'html':
      return exportReport(reportTables(tables), reportOptions(open, tables, request), work)
    case 'csv':
      return exportCsv(theOnly(tables), { ...request.csv, headings: request.headings ?? 'names' }, work)
  }
}

async function tablesOf(open: Open, { vaults, collections, columns }: TableRequest): Promise<ClientTable[]> {
  const nameOf = await clientNames(open.state)
  const tables: ClientTable[] = []
  for (const vaultId of vaults) {
    const vault = await open.vault(vaultId)
    const described = open.templates.get(open.templateNames.get(vaultId) ?? clientTemplate).collections
    const names = collections ?? [...described.keys()]
    await assertThere(names, new Set([...described.keys(), ...(await vault.collections())]))
    for (const collection of names) {
      const template = described.get(collection)
      const label = template?.label.many ?? collection
      tables.push({
        vault,
        collection,
        clientName: nameOf(vaultId),
        label,
        ...(template !== undefined && { template }),
        ...(columns !== undefined && { columns }),
      })
    }
  }
  return tables
}

async function assertThere(names: readonly string[], known: ReadonlySet<string>): Promise<void> {
  const missing = names.find((name) => !known.has(name))
  if (missing === undefined) return
  throw new AppError(
    'NOT_FOUND',
    `There is no collection "${missing}". Nothing was exported. Choose one of: ${[...known].sort().join(', ')}.`,
  )
}

function entriesOf(tables: readonly ClientTable[]): MultiVaultXlsxEntry[] {
  const entries = new Map<string, MultiVaultXlsxEntry & { sheets: MultiVaultXlsxEntry['sheets'] }>()
  for (const { vault, clientName, label, collection, template, columns } of tables) {
    const chosen = columns ?? fieldsOf(template)
    const sheet = { name: label, collection, ...(chosen !== undefined && { columns: chosen }) }
    const sheets = [...(entries.get(vault.name)?.sheets ?? []), sheet]
    entries.set(vault.name, { vault, label: clientName, sheets })
  }
  return [...entries.values()]
}

function fieldsOf(template: CompiledCollection | undefined): string[] | undefined {
  return template?.fields.map(({ path }) => path).filter((path) => !path.includes('*'))
}

function describing(tables: readonly ClientTable[], { headings = 'labels' }: TableRequest) {
  const describe = (vault: string, collection: string): CompiledCollection | undefined =>
    tables.find((table) => table.vault.name === vault && table.collection === collection)?.template
  return { describe, headings }
}

function reportTables(tables: readonly ClientTable[]) {
  return tables.map((table) => ({ ...table, heading: `${table.clientName}: ${table.label}` }))
}

function reportOptions(open: Open, tables: readonly ClientTable[], { locale, title }: TableRequest) {
  const listed = (names: readonly string[]): string => [...new Set(names)].join(', ')
  return {
    title: title ?? open.profile.firmName,
    madeAt: open.now(),
    ...(locale !== undefined && { locale }),
    filters: [
      { label: 'Clients', value: listed(tables.map(({ clientName }) => clientName)) },
      { label: 'Records', value: listed(tables.map(({ label }) => label)) },
      { label: 'Made by', value: open.profile.userName },
    ],
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
