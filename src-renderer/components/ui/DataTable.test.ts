import { render, screen, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import DataTable from './DataTable.svelte'
import { columnsThatFit, moveBy, nextSort, type Column } from './table.ts'

interface Client {
  readonly id: string
  readonly name: string
}

const rows: Client[] = Array.from({ length: 1000 }, (_, at) => ({ id: `c${at}`, name: `Client ${at}` }))
const columns: ReadonlyArray<Column<Client>> = [
  { id: 'name', label: 'Name', width: '1fr', sortable: true, text: ({ name }) => name },
  { id: 'id', label: 'Key', width: '80px', align: 'end', text: ({ id }) => id },
]

function show(extra: Record<string, unknown> = {}) {
  const handlers = { onactivate: vi.fn(), onopen: vi.fn(), onsort: vi.fn(), onreachend: vi.fn() }
  const props = { label: 'Clients', rows, columns, rowKey: (row: Client) => row.id, ...handlers, ...extra }
  // A generic component renders with the row type of its first use.
  render(DataTable as never, { props } as never)
  return { ...handlers, user: userEvent.setup(), grid: screen.getByRole('grid', { name: 'Clients' }) }
}

// jsdom lays nothing out; the table is told that it is ten rows high.
beforeAll(() => {
  Object.defineProperty(HTMLElement.prototype, 'offsetHeight', { configurable: true, get: () => 320 })
  Object.defineProperty(HTMLElement.prototype, 'offsetWidth', { configurable: true, get: () => 640 })
})

describe('DataTable', () => {
  it('holds only the visible rows in the page and says how many there are', () => {
    const { grid } = show()
    expect(grid).toHaveAttribute('aria-rowcount', '1001')
    const shown = within(grid).getAllByRole('row')
    expect(shown.length).toBeLessThan(40)
    expect(shown[1]).toHaveTextContent('Client 0')
  })

  it('moves by keys and opens by Enter', async () => {
    const { user, grid, onactivate, onopen } = show({ active: 'c3' })
    grid.focus()
    await user.keyboard('{ArrowDown}{ArrowUp}{Home}{End}{Enter}')
    expect(onactivate.mock.calls.map(([row]: Client[]) => row?.id)).toEqual(['c4', 'c2', 'c0', 'c999'])
    expect(onopen).toHaveBeenCalledExactlyOnceWith(rows[3])
    expect(grid.getAttribute('aria-activedescendant')).toBe(screen.getByRole('row', { selected: true }).id)
  })

  it('activates the first row when it gets the focus without one', () => {
    const { grid, onactivate } = show()
    grid.focus()
    expect(onactivate).toHaveBeenCalledExactlyOnceWith(rows[0])
  })

  it('sorts by the head, up first and then down', async () => {
    const { user, onsort } = show({ sort: { column: 'name', direction: 'asc' } })
    expect(screen.getByRole('columnheader', { name: 'Name' })).toHaveAttribute('aria-sort', 'ascending')
    await user.click(screen.getByRole('button', { name: 'Name' }))
    expect(onsort).toHaveBeenCalledExactlyOnceWith({ column: 'name', direction: 'desc' })
    expect(screen.queryByRole('button', { name: 'Key' })).toBeNull()
  })

  it('asks for more rows when the last one it has is near', () => {
    const { onreachend } = show({ rows: rows.slice(0, 20), total: 50 })
    expect(onreachend).toHaveBeenCalled()
  })

  it('asks for nothing when it has them all', () => {
    const { onreachend } = show({ rows: rows.slice(0, 20), total: 20 })
    expect(onreachend).not.toHaveBeenCalled()
  })
})

describe('table', () => {
  it('keeps a move inside the rows', () => {
    expect(moveBy('ArrowUp', 0, 5, 3)).toBe(0)
    expect(moveBy('PageDown', 3, 5, 3)).toBe(4)
    expect(moveBy('PageUp', 4, 5, 3)).toBe(1)
    expect(moveBy('ArrowDown', -1, 5, 3)).toBe(0)
    expect(moveBy('End', 0, 0, 3)).toBeUndefined()
    expect(moveBy('x', 2, 5, 3)).toBeUndefined()
  })

  it('starts another column upwards', () => {
    expect(nextSort({ column: 'a', direction: 'asc' }, 'a')).toEqual({ column: 'a', direction: 'desc' })
    expect(nextSort({ column: 'a', direction: 'desc' }, 'a')).toEqual({ column: 'a', direction: 'asc' })
    expect(nextSort({ column: 'a', direction: 'asc' }, 'b')).toEqual({ column: 'b', direction: 'asc' })
  })

  it('leaves out what a narrow table has no room for', () => {
    const all = [{ ...columns[0]! }, { ...columns[1]!, hideBelow: 500 }]
    expect(columnsThatFit(all, 499)).toHaveLength(1)
    expect(columnsThatFit(all, 500)).toHaveLength(2)
    expect(columnsThatFit(all, 0)).toHaveLength(2)
  })
})
