/** How a file like this was read before: what a person corrected last month holds this month. */
import { fitsColumns, sampleTable, SourceError, type ForeignSource, type SourceReader } from '@klum-db/lobby'
import type { LongWork } from '@noy-db/hub'
import type { Reading } from '../../../src-shared/ipc/foreign.ts'
import type { Open } from '../session.ts'
import { selectionOf } from './file-view.ts'
import { profilesFor } from './profiles.ts'

export interface KnownReading {
  readonly reading: Reading
  /** Of the profile. */
  readonly name: string
}

/** Of the first saved profile that finds every column it reads; null where none does. */
export async function knownReading(
  open: Open,
  reader: SourceReader,
  source: ForeignSource,
  work: LongWork,
): Promise<KnownReading | null> {
  for (const { profile, isSaved } of await profilesFor(open, reader.kind)) {
    const { reading, name } = profile
    if (!isSaved || Object.keys(reading).length === 0) continue
    const columns = await columnsAs(reader, source, reading, work)
    if (columns !== null && fitsColumns(profile, columns)) return { reading: { ...reading }, name }
  }
  return null
}

/** Null where it cannot be read so. */
async function columnsAs(
  reader: SourceReader,
  source: ForeignSource,
  reading: Reading,
  work: LongWork,
): Promise<string[] | null> {
  try {
    return (await sampleTable(reader, source, selectionOf(reading), work)).columns.map(({ name }) => name)
  } catch (error) {
    if (error instanceof SourceError) return null
    throw error
  }
}
