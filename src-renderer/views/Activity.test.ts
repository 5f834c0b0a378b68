/** The trail by keyboard, over real services: an entry opens beside the list, and the list keeps the keyboard. */
import { cleanup, render, screen } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { handleKey } from '../lib/keys.ts'
import { beginWorkspace, conflicts } from '../testing/cable.ts'
import Activity from './Activity.svelte'

const user = userEvent.setup()

beforeEach(() => window.addEventListener('keydown', handleKey))

afterEach(() => {
  cleanup()
  window.removeEventListener('keydown', handleKey)
})

test('an entry that opens or closes does not take the focus from the list', async () => {
  await beginWorkspace(conflicts(1))
  render(Activity)
  const list = await screen.findByRole('grid', { name: 'Activity' })
  for (let tries = 0; tries < 20 && document.activeElement !== list; tries += 1) await user.tab()
  const first = await screen.findByRole('region', { name: 'Entry' })
  const said = first.textContent
  expect(list).toHaveFocus()
  await user.keyboard('{ArrowDown}')
  expect(list).toHaveFocus()
  expect(screen.getByRole('region', { name: 'Entry' }).textContent).not.toBe(said)
  await user.keyboard('{Escape}')
  expect(screen.queryByRole('region', { name: 'Entry' })).toBeNull()
  expect(list).toHaveFocus()
  expect(screen.getByRole('grid', { name: 'Activity' })).toBe(list)
})
