/** The conflict screen by keyboard alone, over real services. */
import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { toasts } from '../components/ui/toasts.svelte.ts'
import { api } from '../lib/api.ts'
import { handleKey } from '../lib/keys.ts'
import { ConflictDesk } from '../stores/conflict-desk.svelte.ts'
import { refOf } from '../stores/conflict-queue.svelte.ts'
import { beginWorkspace, changedByBoth, conflicts, type TestCable } from '../testing/cable.ts'
import Conflicts from './Conflicts.svelte'

type Seed = Parameters<typeof beginWorkspace>[0]

const user = userEvent.setup()
let cable: TestCable
let desk: ConflictDesk

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({
    matches: true,
    addEventListener: vi.fn(),
    removeEventListener: vi.fn(),
  }))
  window.addEventListener('keydown', handleKey)
})

afterEach(() => {
  cleanup()
  window.removeEventListener('keydown', handleKey)
})

async function show(seed: Seed, meanwhile?: () => Promise<void>): Promise<void> {
  cable = await beginWorkspace(seed)
  await meanwhile?.()
  desk = new ConflictDesk(api.conflicts, () => ({ locale: 'en-GB' }))
  render(Conflicts, { desk })
  await screen.findByRole('button', { name: 'Apply and next' })
}

const decided = () => cable.asked('conflicts.decide')

async function decideFirst(resolution: { kind: 'theirs' }, reason: string): Promise<void> {
  const { rows } = await api.conflicts.list()
  const ref = refOf(rows[0]!)
  const { rowVersion, recordVersion } = await api.conflicts.get({ ref })
  const seen = { expectRowVersion: rowVersion, expectRecordVersion: recordVersion }
  await api.conflicts.decide({ ref, resolution, reason, ...seen })
}

/** As `changedByBoth`, and a note that only this side wrote. */
const calledHere = { ...changedByBoth, ours: { ...(changedByBoth.ours as object), notes: 'called' } }

const heading = (name: RegExp): Promise<HTMLElement> => screen.findByRole('heading', { level: 2, name })
const list = (): HTMLElement => screen.getByRole('listbox', { name: 'Conflicts' })
const radio = (name: string): HTMLElement => screen.getByRole('radio', { name })

test('a whole queue is decided with 1, 2 and Enter, and the focus is never lost', async () => {
  await show(conflicts(3, calledHere))
  expect(list()).toHaveFocus()
  expect(within(list()).getByRole('option', { selected: true })).toHaveAccessibleName(
    /^Invoice 10248, Vins et alcools Chevalier, Freight, Ship to \+1, .+/,
  )
  await user.keyboard('1{Enter}')
  await heading(/10249/)
  expect(list()).toHaveFocus()
  await waitFor(() => expect(screen.getByText('1 of 2')).toBeVisible())
  await user.keyboard('2{Enter}')
  await heading(/10250/)
  await waitFor(() => expect(radio('Freight: A 33.38')).toBeVisible())
  await user.keyboard('3{Enter}')
  await heading(/Nothing to decide/)
  expect(list()).toHaveFocus()
  expect(decided().map(({ resolution }) => resolution)).toEqual([
    { kind: 'ours' },
    { kind: 'theirs' },
    { kind: 'base' },
  ])
})

test('field by field: a digit picks and goes to the next field that waits', async () => {
  await show(conflicts(2))
  await user.keyboard('{ArrowRight}')
  expect(radio('Freight: A 33.38')).toHaveFocus()
  await user.keyboard('2')
  expect(radio('Freight: B 34.38')).toBeChecked()
  expect(radio('Ship to: A Vins & alcools')).toHaveFocus()
  await user.keyboard('{ArrowRight}{ArrowLeft}{ArrowLeft}')
  expect(radio('Ship to: Base Vins et alcools')).toBeChecked()
  await user.keyboard('{ArrowUp}')
  expect(radio('Freight: B 34.38')).toHaveFocus()
  await user.keyboard('1')
  await waitFor(() => expect(radio('Freight: A 33.38')).toHaveFocus())
  await user.keyboard('2')
  await waitFor(() => expect(radio('Freight: B 34.38')).toHaveFocus())
  await user.keyboard('{Enter}')
  await heading(/10249/)
  await waitFor(() => expect(radio('Freight: A 33.38')).toHaveFocus())
  expect(decided()[0]?.resolution).toEqual({
    kind: 'fields',
    picks: { freight: { pick: 'theirs' }, shipName: { pick: 'base' } },
  })
})

test('an own value is typed in place, refused in words, and taken with Enter', async () => {
  await show(conflicts(1, { ours: { freight: 3338 }, theirs: { freight: 3438 } }))
  await user.keyboard('{ArrowRight}e')
  const input = await screen.findByRole('textbox', { name: 'Freight: own value' })
  expect(input).toHaveFocus()
  expect(input).toHaveValue('33.38')
  await user.keyboard('4x{Enter}')
  expect(input).toHaveAccessibleDescription('Not an amount in EUR. Type it as 34.38.')
  await user.clear(input)
  await user.keyboard('40{Enter}')
  expect(screen.queryByRole('textbox', { name: 'Freight: own value' })).toBeNull()
  await waitFor(() => expect(radio('Freight: A 33.38')).toHaveFocus())
  await user.keyboard('rby phone{Enter}')
  await waitFor(() => expect(decided()).toHaveLength(1))
  expect(decided()[0]).toMatchObject({
    resolution: { kind: 'fields', picks: { freight: { pick: 'custom', value: 4000 } } },
    reason: 'by phone',
  })
})

test('Enter with a field that waits sends nothing and goes to that field', async () => {
  await show(conflicts(1, calledHere))
  await user.keyboard('{Enter}')
  expect(radio('Freight: A 33.38')).toHaveFocus()
  expect(screen.getByText('Still to pick: Freight, Ship to')).toBeVisible()
  expect(radio('Notes: A called')).toBeChecked()
  expect(decided()).toEqual([])
})

test('a rule of the template blocks Apply and says which', async () => {
  await show(conflicts(1))
  await user.keyboard('1{ArrowRight}{ArrowDown}e')
  await user.clear(await screen.findByRole('textbox', { name: 'Ship to: own value' }))
  await user.paste('x'.repeat(201))
  await user.keyboard('{Enter}')
  expect(await screen.findByRole('list', { name: 'Problems' })).toHaveTextContent(/^Ship to must/)
  expect(screen.getByRole('button', { name: 'Apply and next' })).toBeDisabled()
  await user.keyboard('{Enter}')
  expect(decided()).toEqual([])
})

test('undo brings the record back with its picks; skip goes on without deciding', async () => {
  await show(conflicts(3))
  await user.keyboard('1{Enter}')
  await heading(/10249/)
  await waitFor(() => expect(toasts.items.at(-1)?.text).toBe('Decided: Invoice 10248'))
  await user.keyboard('u')
  await heading(/10248/)
  await waitFor(() => expect(radio('Freight: A 33.38')).toBeChecked())
  expect(list()).toHaveFocus()
  await user.keyboard('s')
  await heading(/10249/)
  await user.keyboard('k')
  await heading(/10248/)
  expect(decided()).toHaveLength(1)
})

test('a record that moved is compared anew; picks that hold stay', async () => {
  await show(conflicts(1))
  await user.keyboard('1')
  const key = { vaultId: desk.queue.current?.vault ?? '', collection: 'invoices', id: '10248' }
  const { record, version } = await api.clients.record(key)
  await api.clients.saveRecord({ ...key, record: { ...record, freight: 1 }, expectedVersion: version })
  await user.keyboard('{Enter}')
  expect(await screen.findByText(/1 of your picks is open again/)).toBeVisible()
  expect(screen.getByRole('alert')).toHaveTextContent('Your decision was not applied.')
  expect(radio('Ship to: A Vins & alcools')).toBeChecked()
  expect(radio('Freight: A 0.01')).not.toBeChecked()
})

test('a deletion against an edit is a choice between two sentences', async () => {
  await show(conflicts(2, { ours: 'deleted', theirs: { freight: 3438 } }))
  const back = screen.getByRole('radio', { name: 'B: Bring the record back as B has it' })
  expect(back).not.toBeChecked()
  await user.keyboard('{Enter}')
  await waitFor(() => expect(screen.getByRole('radio', { name: 'A: Leave it deleted' })).toHaveFocus())
  await user.keyboard('2{Enter}')
  await heading(/10249/)
  await user.keyboard('1{Enter}')
  await heading(/Nothing to decide/)
  expect(decided().map(({ resolution }) => resolution)).toEqual([{ kind: 'theirs' }, { kind: 'delete' }])
})

test('many are decided by one rule, after a count, and undone as one', async () => {
  await show(conflicts(4))
  await user.keyboard('b')
  const dialog = await screen.findByRole('dialog', { name: 'Decide many' })
  await user.click(within(dialog).getByRole('radio', { name: 'B, as received' }))
  await user.click(await within(dialog).findByRole('button', { name: 'Decide 4 conflicts' }))
  await heading(/Nothing to decide/)
  await waitFor(() => expect(list()).toHaveFocus())
  await user.keyboard('u')
  await heading(/10248/)
})

/** The month of every invoice is closed before the screen is shown. */
async function closeMay(): Promise<void> {
  const vaultIds = (await api.clients.list()).map(({ vaultId }) => vaultId)
  await api.periods.close({ vaultIds, periods: { months: ['2026-05'] } })
}

test('a rule over many names what it would decide against a rule, and wants to be told why', async () => {
  await show(conflicts(3), closeMay)
  await user.keyboard('b')
  const dialog = await screen.findByRole('dialog', { name: 'Decide many' })
  await user.click(within(dialog).getByRole('radio', { name: 'B, as received' }))
  const against = await within(dialog).findByRole('region', { name: 'Against a rule' })
  expect(against).toHaveTextContent('3 conflicts would break a rule and stay for you.')
  expect(within(against).getByRole('list', { name: 'Records' }).children).toHaveLength(3)
  expect(within(dialog).getByRole('button', { name: 'Decide 0 conflicts' })).toBeDisabled()
  await user.click(within(against).getByRole('checkbox', { name: 'Decide these 3 too, against the rule' }))
  const decide = await within(dialog).findByRole('button', { name: 'Decide 3 conflicts' })
  expect(decide).toBeDisabled()
  await user.type(within(dialog).getByRole('textbox', { name: 'Reason' }), 'late corrections')
  await user.click(decide)
  await heading(/Nothing to decide/)
  expect((await api.periods.exceptions({})).rows.map(({ reason }) => reason)).toEqual(
    Array(3).fill('late corrections'),
  )
})

test('a decision into a closed period is asked about once, and typing why decides it', async () => {
  await show(conflicts(2), closeMay)
  await user.keyboard('2')
  await user.keyboard('{Enter}')
  const why = await screen.findByRole('textbox', { name: /^Why is this decided against 1 rule/ })
  await waitFor(() => expect(why).toHaveFocus())
  await user.keyboard('agreed by phone{Enter}')
  await heading(/10249/)
  // Whoever is faster than the preview is refused once, and asked then.
  expect(decided().at(-1)).toMatchObject({ resolution: { kind: 'theirs' }, override: 'agreed by phone' })
})

test('the decided list shows what was decided and by whom, and undoes it', async () => {
  await show(conflicts(2), () => decideFirst({ kind: 'theirs' }, 'as invoiced'))
  await user.click(screen.getByRole('radio', { name: 'Decided 1' }))
  const note = await screen.findByRole('region', { name: 'Decision' })
  await waitFor(() => expect(note.isConnected && screen.getByText('as invoiced')).toBeVisible())
  expect(radio('Freight: B 34.38')).toBeChecked()
  expect(radio('Freight: B 34.38')).toBeDisabled()
  await user.click(screen.getByRole('button', { name: 'Undo' }))
  await heading(/Nothing decided yet/)
})
