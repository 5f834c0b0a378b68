import { render, screen } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { describe, expect, it } from 'vitest'
import CheckList from './CheckList.svelte'

interface Client {
  readonly id: string
  readonly name: string
}

const items: Client[] = ['Alfreds', 'Bergs', 'Chop-suey'].map((name, at) => ({ id: `c${at}`, name }))

function show(chosen: readonly string[]) {
  const names = { keyOf: ({ id }: Client) => id, label: ({ name }: Client) => name }
  const props = { legend: 'Clients', items, all: 'All 3 clients', chosen, ...names }
  // A generic component renders with the item type of its first use.
  render(CheckList as never, { props } as never)
  const box = (name: string): HTMLInputElement => screen.getByRole('checkbox', { name })
  return { box, user: userEvent.setup() }
}

describe('CheckList', () => {
  it('says by one box whether all, some or none are chosen, and chooses them all', async () => {
    const { box, user } = show(['c1'])
    expect([box('All 3 clients').checked, box('All 3 clients').indeterminate]).toEqual([false, true])
    await user.click(box('All 3 clients'))
    expect(items.every(({ name }) => box(name).checked)).toBe(true)
    expect([box('All 3 clients').checked, box('All 3 clients').indeterminate]).toEqual([true, false])
    await user.click(box('All 3 clients'))
    expect(items.some(({ name }) => box(name).checked)).toBe(false)
    expect(box('All 3 clients').indeterminate).toBe(false)
  })

  it('is one stop of the Tab key, walked by arrows and entered where it was left', async () => {
    const { box, user } = show([])
    await user.tab()
    expect(box('All 3 clients')).toHaveFocus()
    await user.tab()
    await user.keyboard(' {ArrowDown}{ArrowDown} {ArrowDown}')
    expect(box('Chop-suey')).toHaveFocus()
    expect(items.map(({ name }) => box(name).checked)).toEqual([true, false, true])
    await user.tab()
    expect(document.body).toHaveFocus()
    await user.tab({ shift: true })
    expect(box('Chop-suey')).toHaveFocus()
    await user.keyboard('{Home} ')
    expect(items.map(({ name }) => box(name).checked)).toEqual([false, false, true])
  })
})
