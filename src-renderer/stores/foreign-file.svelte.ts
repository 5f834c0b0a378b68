/** A file of another program as it is understood, and as a person corrects that. */
import type { FileRef } from '../../src-shared/ipc/common.ts'
import type { ColumnView, ForeignKind, ForeignView, Reading } from '../../src-shared/ipc/foreign.ts'
import { api } from '../lib/api.ts'

export type DecimalMark = NonNullable<ColumnView['decimalMark']>
export type DateOrder = NonNullable<ColumnView['dateOrder']>

export class ForeignFile {
  readonly file: FileRef
  kind = $state<ForeignKind>('csv')
  view = $state.raw<ForeignView>()
  failure = $state.raw<unknown>()
  busy = $state(false)
  #mark = $state<DecimalMark>()
  #order = $state<DateOrder>()
  #reads = 0

  /** As most columns have it, unless a person said otherwise. */
  readonly decimalMark = $derived(this.#mark ?? commonest(this.view, ({ decimalMark }) => decimalMark) ?? '.')
  readonly dateOrder = $derived(this.#order ?? commonest(this.view, ({ dateOrder }) => dateOrder) ?? 'ymd')
  /** The columns, their numbers and days as they are read now. */
  readonly columns = $derived((this.view?.columns ?? []).map((column) => this.#corrected(column)))
  readonly ambiguous = $derived({
    numbers: this.#open(this.#mark, 'decimal'),
    days: this.#open(this.#order, 'date'),
  })

  constructor(file: FileRef, kind: ForeignKind) {
    this.file = file
    this.kind = kind
  }

  /** Another kind starts from what is detected of it. */
  async readAs(kind: ForeignKind): Promise<void> {
    this.kind = kind
    this.#mark = undefined
    this.#order = undefined
    await this.read()
  }

  /** One thing is read otherwise, everything else stays. */
  async correct(change: Reading): Promise<void> {
    await this.read({ ...this.view?.reading, ...change })
  }

  readNumbersWith(mark: DecimalMark): void {
    this.#mark = mark
  }

  readDaysAs(order: DateOrder): void {
    this.#order = order
  }

  /** The last asked for counts. */
  async read(reading?: Reading): Promise<void> {
    const at = (this.#reads += 1)
    this.busy = true
    this.failure = undefined
    try {
      const asked = { file: this.file.handle, kind: this.kind, ...(reading && { reading }) }
      const view = await api.foreign.inspect(asked)
      if (at === this.#reads) this.view = view
    } catch (error) {
      if (at === this.#reads) this.failure = error
    } finally {
      if (at === this.#reads) this.busy = false
    }
  }

  #open(said: unknown, type: ColumnView['type']): boolean {
    return (
      said === undefined && (this.view?.columns.some((one) => one.type === type && one.ambiguous) ?? false)
    )
  }

  #corrected(column: ColumnView): ColumnView {
    if (column.type === 'date')
      return { ...column, dateOrder: this.#order ?? column.dateOrder ?? this.dateOrder }
    if (column.type !== 'decimal' && column.type !== 'integer') return column
    return { ...column, decimalMark: this.#mark ?? column.decimalMark ?? this.decimalMark }
  }
}

function commonest<T>(
  view: ForeignView | undefined,
  of: (column: ColumnView) => T | undefined,
): T | undefined {
  const counts = new Map<T, number>()
  for (const value of (view?.columns ?? []).map(of)) {
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].sort((left, right) => right[1] - left[1])[0]?.[0]
}
