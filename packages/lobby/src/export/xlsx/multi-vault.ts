/** Collections of one or many vaults as one workbook. */
import type { LongWork } from '@noy-db/hub'
import { LobbyError } from '../../errors.ts'
import { onlySignal, pace, type Pace } from '../../pace.ts'
import { plainCell, type ExportCell } from '../cells.ts'
import { exportLimits } from '../limits.ts'
import { cellsOf, columnFor, rowsOf, type ExportRecord, type TableSource } from '../table.ts'
import { sheetNames } from './sheet-names.ts'
import type {
  AsXlsxSheetOptions,
  MultiVaultDenormColumn,
  MultiVaultXlsxEntry,
  MultiVaultXlsxOptions,
} from './types.ts'
import type { SheetTable } from './workbook-bytes.ts'
import { workbookOf } from './workbook.ts'

/** A sheet's rows as they leave. */
interface ReadSheet {
  readonly entry: MultiVaultXlsxEntry
  readonly label: string
  readonly options: AsXlsxSheetOptions
  readonly records: readonly ExportRecord[]
}

/**
 * A first sheet `_manifest` lists the others with their vault, collection and number of records.
 * Progress counts sheets.
 * @throws ExportCapabilityError before any row is read, where one of the vaults does not allow it; LobbyError EXPORT_LIMIT
 */
export async function toBytesMultiVault(
  entries: readonly MultiVaultXlsxEntry[],
  options: MultiVaultXlsxOptions = {},
  work?: LongWork,
): Promise<Uint8Array> {
  for (const { vault } of entries) vault.assertCanExport('plaintext', 'xlsx')
  const slices = pace(onlySignal(work))
  const sheets = await readSheets(entries, slices, work)
  const lookups = new Lookups(sheets)
  const { about } = options
  const names = sheetNames(about !== undefined)
  const tables = about === undefined ? [] : [aboutOf(names.about, about)]
  for (const sheet of sheets) {
    const { sheetSeparator = '_' } = options
    const name = names.next(`${sheet.label}${sheetSeparator}${sheet.options.name}`)
    tables.push(await tableOf(name, sheet, { lookups, options, slices }))
  }
  return workbookOf([manifestOf(names.manifest, sheets), ...tables], options.workerEntry, work)
}

async function readSheets(
  entries: readonly MultiVaultXlsxEntry[],
  slices: Pace,
  work?: LongWork,
): Promise<ReadSheet[]> {
  const wanted = entries.flatMap((entry) => entry.sheets.map((options) => ({ entry, options })))
  const sheets: ReadSheet[] = []
  for (const [at, { entry, options }] of wanted.entries()) {
    const label = entry.label ?? entry.vault.name
    sheets.push({ entry, label, options, records: await recordsOf(entry, options, slices) })
    work?.onProgress?.(at + 1, wanted.length)
  }
  return sheets
}

async function recordsOf(
  { vault, closure }: MultiVaultXlsxEntry,
  { collection, filter }: AsXlsxSheetOptions,
  slices: Pace,
): Promise<ExportRecord[]> {
  const source: TableSource = {
    vault,
    collection,
    ...(filter !== undefined && { filter }),
    // What the closure does not name stays: a whole directory must not leave because nobody referred to it.
    ...(closure !== undefined && { ids: closure.get(collection) ?? new Set() }),
  }
  const records: ExportRecord[] = []
  for await (const rows of rowsOf(source)) {
    await slices.step()
    for (const { record } of rows) records.push(record)
    if (records.length >= exportLimits.sheetRows)
      throw new LobbyError(
        'EXPORT_LIMIT',
        `"${collection}" of "${vault.name}" has more rows than a sheet holds.`,
      )
  }
  return records
}

interface TableParts {
  readonly lookups: Lookups
  readonly options: MultiVaultXlsxOptions
  readonly slices: Pace
}

async function tableOf(
  name: string,
  { entry, options: sheet, records }: ReadSheet,
  { lookups, options, slices }: TableParts,
): Promise<SheetTable> {
  const { columns: chosen, denormalize = [], widths } = sheet
  const template = options.describe?.(entry.vault.name, sheet.collection)
  const columns = (chosen ?? namesOf(records)).map((path) => columnFor(path, template))
  const rows: ExportCell[][] = []
  for (const record of records) {
    await slices.step()
    const looked = denormalize.map((column) => lookups.cell(column, record))
    rows.push([...cellsOf(record, columns), ...looked])
  }
  const headings = columns.map(({ path, label }) => (options.headings === 'labels' ? label : path))
  return {
    name,
    headings: [...headings, ...denormalize.map(({ column }) => column)],
    rows,
    ...(widths !== undefined && { widths }),
  }
}

function namesOf(records: readonly ExportRecord[]): string[] {
  const names = new Set<string>()
  for (const record of records) for (const name of Object.keys(record)) names.add(name)
  return [...names]
}

function aboutOf(name: string, facts: NonNullable<MultiVaultXlsxOptions['about']>): SheetTable {
  const rows = facts.map(({ label, value }) => [label, value].map(plainCell))
  return { name, headings: ['About', 'This file'], rows, widths: [18, 80] }
}

function manifestOf(name: string, sheets: readonly ReadSheet[]): SheetTable {
  return {
    name,
    headings: ['Vault', 'Collection', 'Records'],
    rows: sheets.map(({ label, options, records }) =>
      [label, options.collection, records.length].map(plainCell),
    ),
  }
}

/** Values of other sheets' rows by key, indexed once for each column that asks. The first row of a key counts. */
class Lookups {
  readonly #sheets: readonly ReadSheet[]
  readonly #indexes = new Map<string, Map<string, unknown>>()

  constructor(sheets: readonly ReadSheet[]) {
    this.#sheets = sheets
  }

  cell({ localField, from }: MultiVaultDenormColumn, record: ExportRecord): ExportCell {
    const key = keyOf(Object.hasOwn(record, localField) ? record[localField] : undefined)
    return key === null ? null : plainCell(this.#index(from).get(key))
  }

  #index({ label, collection, keyField, pick }: MultiVaultDenormColumn['from']): Map<string, unknown> {
    const place = JSON.stringify([label, collection, keyField, pick])
    const known = this.#indexes.get(place)
    if (known !== undefined) return known
    const index = new Map<string, unknown>()
    this.#indexes.set(place, index)
    for (const sheet of this.#sheets) {
      if (sheet.label !== label || sheet.options.collection !== collection) continue
      for (const record of sheet.records) {
        const key = keyOf(Object.hasOwn(record, keyField) ? record[keyField] : undefined)
        if (key !== null && !index.has(key) && Object.hasOwn(record, pick)) index.set(key, record[pick])
      }
    }
    return index
  }
}

/** A reference may be a text where the key is a number, as ids are. */
function keyOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}
