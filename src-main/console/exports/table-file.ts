/** An export of tables as the one file that a person saves: of several tables in CSV an archive with a file for each. */
import { LobbyError } from '@klum-db/lobby'
import { PassThrough, Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import type { CsvSeparator } from '../../../src-shared/ipc/exports.ts'
import { freeKey, suggestKey } from '../../../src-shared/model/client-key.ts'
import { clientNames } from '../clients/names.ts'
import type { Open } from '../session.ts'
import { allowFormat } from './allow-format.ts'
import { countRecords, rowsFound, type TableChoice } from './table-choice.ts'
import { type Chunks, exportTables, type TableRequest, tableWords, type TableWork } from './tables.ts'

export interface TableFileRequest extends TableChoice, Pick<TableRequest, 'format' | 'locale'> {
  readonly collections: readonly string[]
  readonly separator: CsvSeparator
  /** Lets the format leave from now on. */
  readonly allow: boolean
}

export interface TableFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly records: number
}

/** Held in memory until it is saved, since plain text must not touch a disk on its own. */
const fileBytes = 256 * 1024 * 1024

const separators: Readonly<Record<CsvSeparator, TableRequest['csv']>> = {
  comma: { delimiter: ',', decimalSign: '.' },
  semicolon: { delimiter: ';', decimalSign: ',' },
  tab: { delimiter: '\t', decimalSign: '.' },
}

type Context = Pick<CallContext, 'signal' | 'progress'> & Pick<TableWork, 'workbookEntry'>

/** @throws AppError NOT_FOUND; ExportCapabilityError; LobbyError EXPORT_LIMIT, EXPORT_CHANGED */
export async function tableFile(open: Open, wanted: TableFileRequest, context: Context): Promise<TableFile> {
  const vaults = [...new Set(wanted.vaults)]
  if (wanted.allow)
    for (const vault of vaults) await allowFormat(open, await open.vault(vault), wanted.format)
  const request = await requestOf(open, { ...wanted, vaults }, context.signal)
  const readings = request.format === 'html' ? 2 : 1
  const total = readings * (await countRecords(open, request))
  let read = 0
  const work: TableWork = {
    signal: context.signal,
    workbookEntry: context.workbookEntry,
    onRecord: () => {
      context.progress((read += 1), total)
    },
  }
  const isArchive = request.format === 'csv' && vaults.length * wanted.collections.length > 1
  const chunks = isArchive ? await archiveOf(open, request, work) : await exportTables(open, request, work)
  const bytes = await held(chunks)
  const name = `${await nameFor(open, request)}.${isArchive ? 'zip' : request.format}`
  return { name, bytes, records: read / readings }
}

type FileRequest = TableRequest & { readonly collections: readonly string[] }

/** For people: columns have the template's words, and spreadsheets are told that it is UTF-8. */
async function requestOf(
  open: Open,
  { format, vaults, collections, separator, search, locale }: TableFileRequest,
  signal: AbortSignal,
): Promise<FileRequest> {
  const only =
    search === ''
      ? undefined
      : { search, rows: await rowsFound(open, { vaults, search }, collections, signal) }
  return {
    format,
    vaults,
    collections,
    headings: 'labels',
    csv: { ...separators[separator], byteOrderMark: true },
    ...(locale !== undefined && { locale }),
    ...(only !== undefined && { only }),
  }
}

/** `chevalier/invoices.csv` for each client and collection, and what the files are in `about.txt`. */
async function archiveOf(
  open: Open,
  request: FileRequest,
  work: TableWork,
): Promise<AsyncIterable<Uint8Array>> {
  const nameOf = await clientNames(open.state)
  const folders = new Set<string>()
  const archive = new ZipFile()
  const facts = await tableWords(open, request)
  archive.addBuffer(
    Buffer.from(facts.map(({ label, value }) => `${label}: ${value}\n`).join('')),
    'about.txt',
  )
  for (const vault of request.vaults) {
    const folder = freeKey(nameOf(vault), folders)
    folders.add(folder)
    for (const collection of request.collections) {
      const one = { ...request, vaults: [vault], collections: [collection] }
      const chunks = await exportTables(open, one, work)
      archive.addReadStream(Readable.from(asBytes(chunks)), `${folder}/${suggestKey(collection)}.csv`)
    }
  }
  const file = archive.outputStream.pipe(new PassThrough())
  archive.once('error', (error: Error) => file.destroy(error))
  archive.end()
  return file
}

async function* asBytes(chunks: Chunks | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

async function held(chunks: Chunks | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of asBytes(chunks)) {
    size += part.byteLength
    if (size > fileBytes) throw new LobbyError('EXPORT_LIMIT', `The file has more than ${fileBytes} bytes.`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** "chevalier-invoices-only-chai-2026-11-26": what was left out stands where a table has no head to say so. */
async function nameFor(open: Open, { vaults, collections, only }: FileRequest): Promise<string> {
  const nameOf = await clientNames(open.state)
  const [vault = '', ...others] = vaults
  const whose =
    others.length === 0
      ? suggestKey(nameOf(vault))
      : `${suggestKey(open.profile.firmName)}-${vaults.length}-clients`
  const [collection = '', ...more] = collections
  const parts = [
    whose,
    ...(more.length === 0 ? [suggestKey(collection)] : []),
    ...(only === undefined ? [] : ['only', suggestKey(only.search)]),
    open.now().slice(0, 10),
  ]
  return parts.join('-')
}
