/** Foreign rows to records, by a profile: each with its stable id, its place, and every fault. */
import type { LongWork } from '@noy-db/hub'
import { dockLimits } from '../limits.ts'
import { placeText, type Place } from '../source/place.ts'
import type { ForeignSource, SourceReader, SourceRow } from '../source/types.ts'
import { groupRows, rowAlone } from './group-rows.ts'
import { cellFields, partsOf, type RecordParts } from './record-parts.ts'
import { keyless, recordOf, rowId } from './row-fields.ts'
import type { MappedRow } from './mapped-row.ts'
import type { MappingProfile } from './schema.ts'

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
  yield* mapRows(reader.rows(source, selection, work), profile, work)
}

/** A key that comes twice is a fault of the second row, unless rows with one key are one record. @throws SourceError */
export async function* mapRows(
  rows: AsyncIterable<SourceRow>,
  profile: MappingProfile,
  work?: LongWork,
): AsyncIterable<MappedRow> {
  const parts = partsOf(profile)
  if (parts !== null && profile.lines?.rows === 'grouped') yield* groupRows(rows, parts, work)
  else yield* rowByRow(rows, profile, parts)
}

async function* rowByRow(
  rows: AsyncIterable<SourceRow>,
  profile: MappingProfile,
  parts: RecordParts | null,
): AsyncIterable<MappedRow> {
  const places = new Map<string, Place>()
  for await (const row of rows) {
    const mapped = parts === null ? mapRow(row, profile) : rowAlone(row, parts)
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
  const { record, faults: own } = recordOf(cellFields(profile), cells, profile)
  const id = rowId(cells, profile)
  const faults = [...found, ...own, ...(id === null ? [keyless(profile)] : [])]
  return {
    id,
    record,
    raw: cells,
    place,
    last: place,
    rows: 1,
    faults: faults.slice(0, dockLimits.faultsPerRow),
  }
}
