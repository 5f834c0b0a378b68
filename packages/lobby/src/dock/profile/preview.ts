/** What a profile would make of a file, before anything is planned: converted rows beside raw ones, and every faulty row. */
import type { LongWork } from '@noy-db/hub'
import type { ForeignSource, SourceReader } from '../source/types.ts'
import { mapSource } from './map-rows.ts'
import type { MappedRow } from './mapped-row.ts'
import type { MappingProfile } from './schema.ts'

export interface MappingPreview {
  readonly rows: number
  readonly faulty: number
  /** The first rows, faulty or not. */
  readonly sample: readonly MappedRow[]
  /** Every faulty row, up to `listed` of them; `faulty` counts them all. */
  readonly faults: readonly MappedRow[]
}

export interface PreviewOptions extends LongWork {
  /** Default 20. */
  readonly sample?: number
  /** Default 10,000. */
  readonly listed?: number
}

export async function previewMapping(
  reader: SourceReader,
  source: ForeignSource,
  profile: MappingProfile,
  { sample: shown = 20, listed = 10_000, ...work }: PreviewOptions = {},
): Promise<MappingPreview> {
  const sample: MappedRow[] = []
  const faults: MappedRow[] = []
  let [rows, faulty] = [0, 0]
  for await (const row of mapSource(reader, source, profile, work)) {
    rows += 1
    if (sample.length < shown) sample.push(row)
    if (row.faults.length === 0) continue
    faulty += 1
    if (faults.length < listed) faults.push(row)
  }
  return { rows, faulty, sample, faults }
}
