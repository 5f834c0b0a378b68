/** What a profile would make of a file, before anything is planned: converted rows beside raw ones, and all that is faulty. */
import type { LongWork } from '@noy-db/hub'
import { pace } from '../../pace.ts'
import type { ForeignSource, SourceReader, SourceRow } from '../source/types.ts'
import { mapRows, mapSource } from './map-rows.ts'
import type { MappedRow } from './mapped-row.ts'
import type { MappingProfile } from './schema.ts'

export interface MappingPreview {
  /** Of the file. */
  readonly rows: number
  /** Records they make, faulty ones included: fewer than rows where several make one. */
  readonly records: number
  /** Records with at least one fault. */
  readonly faulty: number
  /** The first records, faulty or not. */
  readonly sample: readonly MappedRow[]
  /** Every faulty record, up to `listed` of them; `faulty` counts them all. */
  readonly faults: readonly MappedRow[]
}

export interface PreviewOptions extends LongWork {
  /** Default 20. */
  readonly sample?: number
  /** Default 10,000. */
  readonly listed?: number
}

/** @throws SourceError, the signal's reason */
export async function previewMapping(
  reader: SourceReader,
  source: ForeignSource,
  profile: MappingProfile,
  options: PreviewOptions = {},
): Promise<MappingPreview> {
  return summed(mapSource(reader, source, profile, options), options)
}

/** Of rows that were read before. @throws SourceError, the signal's reason */
export async function previewRows(
  rows: Iterable<SourceRow>,
  profile: MappingProfile,
  options: PreviewOptions = {},
): Promise<MappingPreview> {
  return summed(mapRows(paced(rows, options), profile, options), options)
}

async function* paced(rows: Iterable<SourceRow>, work: LongWork): AsyncIterable<SourceRow> {
  const slices = pace(work)
  for (const row of rows) {
    await slices.step()
    yield row
  }
}

async function summed(
  mapped: AsyncIterable<MappedRow>,
  { sample: shown = 20, listed = 10_000 }: PreviewOptions,
): Promise<MappingPreview> {
  const sample: MappedRow[] = []
  const faults: MappedRow[] = []
  let [rows, records, faulty] = [0, 0, 0]
  for await (const one of mapped) {
    rows += one.rows
    records += 1
    if (sample.length < shown) sample.push(one)
    if (one.faults.length === 0) continue
    faulty += 1
    if (faults.length < listed) faults.push(one)
  }
  return { rows, records, faulty, sample, faults }
}
