/** A foreign file as screens show it: how it was understood, its columns, its first rows, and whether it came before. */
import {
  type Cell,
  placeText,
  sampleTable,
  sha256Of,
  type ForeignSource,
  type Selection,
  type SourceFacts,
  type SourceReader,
  type SourceRow,
  type TableFacts,
} from '@klum-db/lobby'
import type { LongWork } from '@noy-db/hub'
import type { ForeignKind, ForeignView, Reading } from '../../../src-shared/ipc/foreign.ts'
import { AppError } from '../app-error.ts'
import { clientNames } from '../clients/names.ts'
import { importJournal } from '../engine.ts'
import type { Open } from '../session.ts'

/** Rows that a description of a table is made of: fewer than this, and they are all. */
const SAMPLED = 1000

/** `said`: how a person reads it; without it, everything is detected. @throws SourceError */
export async function readFile(
  reader: SourceReader,
  source: ForeignSource,
  said: Reading | undefined,
  work: LongWork,
): Promise<Omit<ForeignView, 'file' | 'alreadyImported' | 'readAs'>> {
  const { facts, table, reading } = await understood(reader, source, said, work)
  const columns = table.columns.map(({ filled: _filled, ...column }) => column)
  return {
    sha256: await sha256Of(source, work),
    kind: reader.kind,
    format: facts?.detected.format ?? null,
    reading,
    tables: facts?.tables.map(({ name }) => name) ?? [],
    columns,
    rows: table.sample.map((row) => rowView(row, columns)),
    sampled: table.sampled,
    complete: table.sampled < SAMPLED,
  }
}

interface Understood {
  /** Null where a person said everything there is to detect. */
  readonly facts: SourceFacts | null
  readonly table: TableFacts
  readonly reading: Reading
}

async function understood(
  reader: SourceReader,
  source: ForeignSource,
  said: Reading | undefined,
  work: LongWork,
): Promise<Understood> {
  // Detection may fail where the reading of a person does not.
  const facts = said === undefined || hasTables(reader.kind) ? await reader.inspect(source, work) : null
  if (said !== undefined)
    return { facts, table: await sampleTable(reader, source, selectionOf(said), work), reading: said }
  const table = facts?.tables.find(({ sampled }) => sampled > 0) ?? facts?.tables[0]
  if (facts === null || table === undefined)
    throw new AppError(
      'FILE_UNREADABLE',
      'There is no table in this file. Nothing was changed. Choose another file.',
    )
  return { facts, table, reading: readingOf(facts, table) }
}

/** Without what was left open. */
export function selectionOf(reading: Reading): Selection {
  return Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined))
}

function hasTables(kind: ForeignKind): boolean {
  return kind === 'xlsx' || kind === 'sqlite' || kind === 'ofx'
}

function readingOf({ kind, detected, tables }: SourceFacts, table: TableFacts): Reading {
  const { encoding, delimiter, header } = detected
  return {
    // All accounts of a statement are read unless one is asked for.
    ...(hasTables(kind) && (kind !== 'ofx' || tables.length === 1) && { table: table.name }),
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...(header !== undefined && { header }),
    ...(kind === 'xlsx' && { header: true }),
  }
}

function rowView(
  { cells, place, faults }: SourceRow,
  columns: readonly { readonly name: string }[],
): ForeignView['rows'][number] {
  return {
    place: placeText(place),
    cells: columns.map(({ name }) => cellText(Object.hasOwn(cells, name) ? cells[name] : null)),
    fault: faults[0]?.message ?? null,
  }
}

const SHOWN_CHARS = 200

function cellText(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) return ''
  if (Array.isArray(cell)) return `${cell.length} ${cell.length === 1 ? 'entry' : 'entries'}`
  const text = typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text
}

/** The standing imports of this very file; the first counts. */
export async function importedBefore(open: Open, sha256: string): Promise<ForeignView['alreadyImported']> {
  const standing = (await importJournal(open)).filter(
    (row) => row.containerSha256 === sha256 && row.status === 'applied',
  )
  const [latest] = standing
  if (latest === undefined) return null
  const nameOf = await clientNames(open.state)
  const clients = [...new Set(standing.flatMap(({ vaults }) => vaults))].map(nameOf)
  return { importId: latest.id, at: latest.appliedAt, clients }
}
