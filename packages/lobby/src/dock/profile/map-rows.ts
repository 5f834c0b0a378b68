/** Foreign rows to records, by a profile: each with its stable id, its place, and every fault. */
import { createHash } from 'node:crypto'
import type { LongWork } from '@noy-db/hub'
import { dockLimits } from '../limits.ts'
import { placeText, type Place } from '../source/place.ts'
import type { Cell, Cells, ForeignSource, SourceFault, SourceReader, SourceRow } from '../source/types.ts'
import { convert, plainText } from './convert.ts'
import type { MappingProfile } from './schema.ts'

export interface MappedFault {
  readonly code: SourceFault['code'] | 'REPEATED_KEY'
  readonly message: string
  /** Column of the file, or field of the record. */
  readonly column?: string
  /** Path of the field that could not be made. */
  readonly field?: string
}

export interface MappedRow {
  /** Null where a part of the key is missing. */
  readonly id: string | null
  /** What could be converted. */
  readonly record: Readonly<Record<string, Cell>>
  readonly raw: Cells
  readonly place: Place
  readonly faults: readonly MappedFault[]
}

/** @throws SourceError, the signal's reason */
export async function* mapSource(
  reader: SourceReader,
  source: ForeignSource,
  profile: MappingProfile,
  work?: LongWork,
): AsyncIterable<MappedRow> {
  const { table, encoding, delimiter, header } = profile.reading
  const selection = {
    ...(table !== undefined && { table }),
    ...(encoding !== undefined && { encoding }),
    ...(delimiter !== undefined && { delimiter }),
    ...(header !== undefined && { header }),
  }
  yield* mapRows(reader.rows(source, selection, work), profile)
}

/** A key that comes twice is a fault of the second row: two records cannot share an id. */
export async function* mapRows(
  rows: AsyncIterable<SourceRow>,
  profile: MappingProfile,
): AsyncIterable<MappedRow> {
  const places = new Map<string, Place>()
  for await (const row of rows) {
    const mapped = mapRow(row, profile)
    const earlier = mapped.id === null ? undefined : places.get(mapped.id)
    if (earlier !== undefined) {
      const message = `Its key is that of ${placeText(earlier)}.`
      yield { ...mapped, faults: [...mapped.faults, { code: 'REPEATED_KEY', message }] }
      continue
    }
    if (mapped.id !== null) places.set(mapped.id, mapped.place)
    yield mapped
  }
}

export function mapRow({ cells, place, faults: found }: SourceRow, profile: MappingProfile): MappedRow {
  const faults: MappedFault[] = [...found]
  const record: Record<string, Cell> = {}
  for (const { path, from, required } of profile.fields) {
    const { value, fault } = { value: undefined, fault: undefined, ...convert(from, cells, profile) }
    if (fault !== undefined)
      faults.push({
        code: 'CELL',
        message: fault,
        column: 'column' in from ? from.column : path,
        field: path,
      })
    else if (value !== undefined) setAt(record, path, value)
    else if (required)
      faults.push({ code: 'MISSING', message: `${path} is missing.`, column: path, field: path })
  }
  const id = rowId(cells, profile)
  if (id === null)
    faults.push({ code: 'MISSING', message: `The key (${profile.key.join(', ')}) is not complete.` })
  return { id, record, raw: cells, place, faults: faults.slice(0, dockLimits.faultsPerRow) }
}

function setAt(record: Record<string, Cell>, path: string, value: Cell): void {
  const steps = path.split('.')
  const last = steps.pop() ?? path
  let at = record
  for (const step of steps) {
    const inner = Object.hasOwn(at, step) ? at[step] : undefined
    const next = isRecord(inner) ? { ...inner } : {}
    at[step] = next
    at = next
  }
  at[last] = value
}

function isRecord(value: Cell | undefined): value is { readonly [name: string]: Cell } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The same key of the same source gives the same id, whichever file it comes in. Ids are readable in the store, keys are not. */
function rowId(cells: Cells, profile: MappingProfile): string | null {
  const parts = profile.key.map((column) => plainText(cells[column], profile))
  if (parts.some((part) => part === null || part === '')) return null
  const hash = createHash('sha256')
    .update(JSON.stringify([profile.id, ...parts]))
    .digest('hex')
  return `${profile.id}-${hash.slice(0, 32)}`
}
