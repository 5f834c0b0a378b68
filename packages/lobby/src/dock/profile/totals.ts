/** What is worked out of a record's lines: sums, and shares such as VAT. Whole minor units, each line rounded for itself. */
import { decimalOf, decimalText, shareOf, wholeMinor } from '../../templates/amounts.ts'
import { reader, valueAt } from '../../templates/field-values.ts'
import type { Cell, Cells } from '../source/types.ts'
import { convert } from './convert.ts'
import type { MappedFault } from './mapped-row.ts'
import type { RecordParts, TotalField } from './record-parts.ts'
import { setAt } from './row-fields.ts'

export type Line = Record<string, Cell>

type Told = (fault: MappedFault) => void

export class Totals {
  readonly #parts: RecordParts
  /** By path of the field. */
  #shares: Map<string, number> | undefined

  constructor(parts: RecordParts) {
    this.#parts = parts
  }

  add(line: Line, cells: Cells, tell: Told): void {
    const { totals, profile, prefix } = this.#parts
    for (const { path, from } of totals) {
      if (from.as !== 'rate') continue
      const { column, mark, per, of } = from
      const { value, fault } = {
        value: undefined,
        fault: undefined,
        ...convert({ as: 'decimal', column, mark }, percentless(cells, column), profile),
      }
      if (fault !== undefined) tell({ code: 'CELL', message: fault, column, field: path })
      const amount = valueAt(line, of.slice(prefix.length))
      if (typeof value !== 'string' || amount === undefined) continue
      this.#within(path, tell, () => {
        const share = shareOf(wholeMinor(amount), decimalText(decimalOf(value).div(per)))
        this.#shares ??= new Map()
        this.#shares.set(path, wholeMinor((this.#shares.get(path) ?? 0) + share))
      })
    }
  }

  /** Sums of what stands in the record by now. */
  into(record: Line, tell: Told): void {
    for (const field of this.#parts.totals)
      this.#within(field.path, tell, () => {
        const value = this.#valueOf(field, record)
        if (value !== undefined) setAt(record, field.path, value)
        else if (field.required) throw new RangeError('There is nothing to add up.')
      })
  }

  #valueOf({ path, from }: TotalField, record: Line): number | undefined {
    if (from.as === 'rate') return this.#shares?.get(path)
    const [first = [], ...others] = from.of.map((one) => reader(one)(record))
    if (first.length === 0) return undefined
    return wholeMinor(
      [...first, ...others.flat()].reduce<number>((sum, part) => wholeMinor(sum + wholeMinor(part)), 0),
    )
  }

  #within(path: string, tell: Told, work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      tell({
        code: 'TOTAL',
        message: `${path} cannot be worked out: ${error.message}`,
        column: path,
        field: path,
      })
    }
  }
}

/** "19 %" is 19. */
function percentless(cells: Cells, column: string): Cells {
  const cell = Object.hasOwn(cells, column) ? cells[column] : undefined
  return typeof cell === 'string' ? { [column]: cell.replace(/\s*%\s*$/, '') } : { [column]: cell ?? null }
}
