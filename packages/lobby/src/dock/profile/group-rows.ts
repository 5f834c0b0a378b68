/**
 * Rows with one key as one record, wherever they stand in the file. So nothing is given before the last row was read: what
 * waits is capped, and beyond the cap the file is refused.
 */
import type { LongWork } from '@noy-db/hub'
import { pace } from '../../pace.ts'
import { dockLimits } from '../limits.ts'
import { beyond } from '../source/error.ts'
import { placeText } from '../source/place.ts'
import type { SourceRow } from '../source/types.ts'
import type { MappedRow } from './mapped-row.ts'
import type { RecordParts } from './record-parts.ts'
import { rowId } from './row-fields.ts'
import { RowGroup } from './row-group.ts'

export interface GroupLimits {
  readonly rowsOfRecord: number
  readonly groupedChars: number
}

/** In the order of their first rows; rows without a key are given at once. @throws SourceError `SOURCE_LIMIT` */
export async function* groupRows(
  rows: AsyncIterable<SourceRow>,
  parts: RecordParts,
  work?: LongWork,
  limits: GroupLimits = dockLimits,
): AsyncIterable<MappedRow> {
  const groups = new Map<string, RowGroup>()
  let chars = 0
  for await (const row of rows) {
    const id = rowId(row.cells, parts.profile)
    if (id === null) {
      yield rowAlone(row, parts, id)
      continue
    }
    const group = groups.get(id) ?? new RowGroup(parts, id, row)
    groups.set(id, group)
    chars += group.add(row)
    assertWithin(group, chars, limits)
  }
  const slices = pace(work)
  for (const [id, group] of groups) {
    groups.delete(id)
    await slices.step()
    yield group.record()
  }
}

/** A record of one row, with one line. */
export function rowAlone(
  row: SourceRow,
  parts: RecordParts,
  id = rowId(row.cells, parts.profile),
): MappedRow {
  const group = new RowGroup(parts, id, row)
  group.add(row)
  return group.record()
}

function assertWithin({ rows, place }: RowGroup, chars: number, limits: GroupLimits): void {
  if (rows > limits.rowsOfRecord)
    throw beyond(
      `More than ${limits.rowsOfRecord} rows have the key of ${placeText(place)}: the key does not tell records apart.`,
    )
  if (chars > limits.groupedChars)
    throw beyond(`Records of several rows hold more than ${limits.groupedChars} characters together.`)
}
