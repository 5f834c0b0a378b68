import type { Snippet } from 'svelte'

/** One column of a DataTable: either a text or a snippet per row. */
export interface Column<Row> {
  readonly id: string
  readonly label: string
  /** A grid track: `120px`, `minmax(160px, 2fr)`. */
  readonly width: string
  /** Figures and dates that are compared stand at the end. */
  readonly align?: 'end'
  readonly sortable?: boolean
  /** Left out where the table is narrower than this many pixels: the other columns matter more. */
  readonly hideBelow?: number
  readonly text?: (row: Row) => string
  readonly cell?: Snippet<[Row, Column<Row>]>
}

export interface Sort {
  readonly column: string
  readonly direction: 'asc' | 'desc'
}

/** The columns a table of this width has room for. */
export function columnsThatFit<Row>(
  columns: ReadonlyArray<Column<Row>>,
  width: number,
): ReadonlyArray<Column<Row>> {
  return columns.filter(({ hideBelow = 0 }) => width === 0 || width >= hideBelow)
}

const padding = 20

/** Pixels below which the columns would not keep their least widths. */
export function leastWidth<Row>(columns: ReadonlyArray<Column<Row>>): number {
  return columns.reduce((sum, { width }) => sum + Number(/\d+/.exec(width)?.[0] ?? 0), padding)
}

/** The sort after a click on a header: up, then down, then up again. */
export function nextSort(sort: Sort | undefined, column: string): Sort {
  return { column, direction: sort?.column === column && sort.direction === 'asc' ? 'desc' : 'asc' }
}

/** Where a key leads from row `at` of `count`; undefined when the key does not move. */
export function moveBy(key: string, at: number, count: number, pageRows: number): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + pageRows,
    PageUp: at - pageRows,
    Home: 0,
    End: count - 1,
  }
  const target = targets[key]
  return target === undefined || count === 0 ? undefined : Math.min(count - 1, Math.max(0, target))
}
