/** The rows of one sheet, as its part is inflated: what is not asked for stays packed. */
import type { Pace } from '../../pace.ts'
import { assertColumnCount } from '../source/collect.ts'
import type { Cell } from '../source/types.ts'
import { safeXmlParser } from '../xml/safe-parser.ts'
import type { Archive } from './archive.ts'
import { cellValue, columnIndex } from './cells.ts'
import { TextCollector } from './part-events.ts'
import type { Sheet, Workbook } from './workbook.ts'

export interface SheetRow {
  /** As the sheet numbers it, from 1. */
  readonly number: number
  /** By column; empty cells are null. */
  readonly cells: readonly Cell[]
}

export async function* sheetRows(
  archive: Archive,
  sheet: Sheet,
  book: Workbook,
  slices: Pace,
): AsyncIterable<SheetRow> {
  const builder = new RowBuilder(book)
  const parser = safeXmlParser(builder)
  for await (const text of archive.text(sheet.part)) {
    parser.write(text)
    await slices.step()
    yield* builder.take()
  }
  parser.end()
  yield* builder.take()
}

class RowBuilder {
  readonly #book: Workbook
  readonly #collector = new TextCollector()
  #done: SheetRow[] = []
  #number = 0
  #cells: Cell[] = []
  #at = -1
  #type = ''
  #format = 0
  #value = ''
  #inValue = false

  constructor(book: Workbook) {
    this.#book = book
  }

  /** Rows with something in them. */
  take(): readonly SheetRow[] {
    const rows = this.#done
    this.#done = []
    return rows
  }

  open({ name, attributes }: { name: string; attributes: Readonly<Record<string, string>> }): void {
    if (name === 'row') this.#startRow(attributes)
    else if (name === 'c') this.#startCell(attributes)
    else if (name === 'v') this.#inValue = true
    else if (name === 'is') this.#collector.start()
    this.#collector.open(name)
  }

  text(piece: string): void {
    if (this.#inValue) this.#value += piece
    else this.#collector.text(piece)
  }

  close(name: string): void {
    this.#collector.close(name)
    if (name === 'v') this.#inValue = false
    else if (name === 'is') this.#value = this.#collector.value
    else if (name === 'c') this.#endCell()
    else if (name === 'row' && this.#cells.some((cell) => cell !== null))
      this.#done.push({ number: this.#number, cells: Array.from(this.#cells, (cell) => cell ?? null) })
  }

  #startRow({ r }: Readonly<Record<string, string>>): void {
    this.#number = r === undefined || !/^\d{1,7}$/.test(r) ? this.#number + 1 : Number(r)
    this.#cells = []
    this.#at = -1
  }

  #startCell({ r, t = 'n', s = '0' }: Readonly<Record<string, string>>): void {
    this.#at = (r === undefined ? null : columnIndex(r)) ?? this.#at + 1
    assertColumnCount(this.#at + 1)
    this.#type = t
    this.#format = Number(s)
    this.#value = ''
  }

  #endCell(): void {
    const raw = { type: this.#type, format: this.#format, value: this.#value }
    this.#cells[this.#at] = cellValue(raw, this.#book)
  }
}
