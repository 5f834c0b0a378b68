/**
 * One record of several rows: what they say of the record, and a line of each. An empty cell says nothing; two that say
 * different things of the record are a fault. A record with a faulty row is faulty as a whole: with a line less it would be
 * another invoice.
 */
import { dockLimits } from '../limits.ts'
import { placeText, type Place } from '../source/place.ts'
import type { Cell, Cells, SourceRow } from '../source/types.ts'
import { shown } from './convert.ts'
import type { MappedFault, MappedRow } from './mapped-row.ts'
import type { CellField, RecordParts } from './record-parts.ts'
import { columnOf, keyless, missing, recordOf, setAt, takeField } from './row-fields.ts'
import { Totals, type Line } from './totals.ts'

interface Said {
  readonly value: Cell
  readonly place: Place
}

export class RowGroup {
  readonly #parts: RecordParts
  readonly #id: string | null
  readonly #first: SourceRow
  #last: Place
  #rows = 0
  /** In the order of the header's fields. */
  readonly #said: (Said | undefined)[] = []
  readonly #lines: Line[] = []
  /** By what tells a line apart; not there where it is their order. */
  readonly #places: Map<Cell, Place> | null
  readonly #faults: MappedFault[] = []
  #unlisted = 0
  readonly #totals: Totals

  constructor(parts: RecordParts, id: string | null, first: SourceRow) {
    this.#parts = parts
    this.#id = id
    this.#first = first
    this.#last = first.place
    this.#places = parts.id?.isMapped === true ? new Map() : null
    this.#totals = new Totals(parts)
  }

  get rows(): number {
    return this.#rows
  }

  get place(): Place {
    return this.#first.place
  }

  /** @returns the characters it holds more than before, as JSON */
  add({ cells, place, faults }: SourceRow): number {
    this.#rows += 1
    this.#last = place
    const kept = this.#rows === 1 ? JSON.stringify(cells).length : 0
    if (faults.length > 0) return kept + this.#list(faults, place) // its cells may stand in the wrong columns
    const said = this.#parts.header.reduce((sum, field, at) => sum + this.#say(at, field, cells, place), 0)
    return kept + said + this.#addLine(cells, place)
  }

  #addLine(cells: Cells, place: Place): number {
    const { line, prefix, profile } = this.#parts
    const { record, faults } = recordOf(line, cells, profile, prefix)
    this.#lines.push(record)
    this.#totals.add(record, cells, (fault) => this.#list([fault], place))
    return JSON.stringify(record).length + this.#list([...faults, ...this.#repeated(record, place)], place)
  }

  #say(at: number, field: CellField, cells: Cells, place: Place): number {
    const { value, fault } = takeField(field, cells, this.#parts.profile)
    if (fault !== undefined) return this.#list([fault], place)
    if (value === undefined) return 0
    const said = this.#said[at]
    if (said === undefined) {
      this.#said[at] = { value, place }
      return JSON.stringify(value).length
    }
    if (isSame(said.value, value)) return 0
    const message = `It is ${inWords(value)} here, and ${inWords(said.value)} in ${placeText(said.place)}.`
    return this.#list(
      [{ code: 'DISAGREES', message, column: columnOf(field.path, field.from), field: field.path }],
      place,
    )
  }

  #repeated(line: Line, place: Place): MappedFault[] {
    const { id, prefix } = this.#parts
    if (id === null || this.#places === null) return []
    const { name } = id
    const value = line[name]
    const field = prefix + name
    if (value === undefined) return [missing(field)]
    const earlier = this.#places.get(value)
    if (earlier === undefined) {
      this.#places.set(value, place)
      return []
    }
    const message = `Its line is called ${inWords(value)}, as that of ${placeText(earlier)} is.`
    return [{ code: 'REPEATED_LINE', message, column: field, field }]
  }

  #list(faults: readonly MappedFault[], place: Place): number {
    const room = dockLimits.faultsPerRecord - this.#faults.length
    const listed = faults.slice(0, room)
    for (const fault of listed) this.#faults.push({ ...fault, place })
    this.#unlisted += faults.length - listed.length
    return listed.reduce((sum, { message }) => sum + message.length, 0)
  }

  record(): MappedRow {
    const { header, list, profile } = this.#parts
    const record: Record<string, Cell> = {}
    for (const [at, { path, required }] of header.entries()) {
      const said = this.#said[at]
      if (said !== undefined) setAt(record, path, said.value)
      else if (required && this.#faults.every(({ field }) => field !== path))
        this.#list([missing(path)], this.place)
    }
    setAt(record, list, this.#ordered())
    if (this.#faults.length === 0) this.#totals.into(record, (fault) => this.#list([fault], this.place))
    if (this.#id === null) this.#list([keyless(profile)], this.place)
    const { cells, place } = this.#first
    return {
      id: this.#id,
      record,
      raw: cells,
      place,
      last: this.#last,
      rows: this.#rows,
      faults: this.#allFaults(),
    }
  }

  /** By what tells them apart, so that the order of the rows says nothing; else as they came. */
  #ordered(): Line[] {
    const { id } = this.#parts
    if (id === null) return this.#lines
    const { name, isMapped } = id
    if (isMapped) return this.#lines.toSorted((left, right) => compare(left[name], right[name]))
    return this.#lines.map((line, at) => ({ [name]: at + 1, ...line }))
  }

  #allFaults(): MappedFault[] {
    if (this.#unlisted === 0) return this.#faults
    const message = `There are ${this.#unlisted} more faults in its rows.`
    return [...this.#faults, { code: 'CELL', message, place: this.#last }]
  }
}

function compare(left: Cell | undefined, right: Cell | undefined): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  const [one, other] = [JSON.stringify(left ?? null), JSON.stringify(right ?? null)]
  return one < other ? -1 : Number(one > other)
}

function isSame(left: Cell, right: Cell): boolean {
  return left === right || (typeof left === 'object' && JSON.stringify(left) === JSON.stringify(right))
}

function inWords(value: Cell): string {
  return `"${shown(typeof value === 'string' ? value : JSON.stringify(value))}"`
}
