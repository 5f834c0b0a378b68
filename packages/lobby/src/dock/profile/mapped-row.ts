/** What a profile makes of rows: a record with its id, where it came from, and every fault. */
import type { Place } from '../source/place.ts'
import type { Cell, Cells, SourceFault } from '../source/types.ts'

export interface MappedFault {
  readonly code: SourceFault['code'] | 'REPEATED_KEY' | 'REPEATED_LINE' | 'DISAGREES' | 'TOTAL'
  readonly message: string
  /** Column of the file, or field of the record. */
  readonly column?: string
  /** Path of the field that could not be made. */
  readonly field?: string
  /** Of the row at fault, in a record of several. */
  readonly place?: Place
}

export interface MappedRow {
  /** Null where a part of the key is missing. */
  readonly id: string | null
  /** What could be converted. */
  readonly record: Readonly<Record<string, Cell>>
  /** Of its first row. */
  readonly raw: Cells
  readonly place: Place
  /** Of its last row, and how many there are: several where a profile groups them. */
  readonly last: Place
  readonly rows: number
  readonly faults: readonly MappedFault[]
}
