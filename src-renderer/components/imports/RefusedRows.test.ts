/** A file whose every row is refused must not freeze the page, and all its rows are left out at once. */
import { render, screen } from '@testing-library/svelte'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import type { PlanRow, PlanView } from '../../../src-shared/ipc/imports.ts'
import { ImportWizard } from '../../stores/import-wizard.svelte.ts'
import RefusedRows from './RefusedRows.svelte'

const none = { insert: 0, update: 0, merge: 0, delete: 0, keep: 0, queue: 0, equal: 0 }

function refusedPlan(count: number): PlanView {
  const refused = Array.from({ length: count }, (_, at): PlanRow => {
    const row = {
      vault: 'clients--VINET',
      vaultName: 'Chevalier',
      collection: 'contacts',
      id: `line ${at + 2}`,
    }
    const fault = { code: 'SOURCE_FAULT', message: 'company is missing.' }
    const shown = { title: `Contact line ${at + 2}`, place: row.id, fields: [], broken: [] }
    return { ...row, ...shown, outcome: 'refuse', fault }
  })
  const sender = {
    state: 'unsigned' as const,
    sequenceState: 'none' as const,
    party: null,
    fingerprint: null,
    sequence: null,
    lastSequence: null,
    knownSince: null,
    createdAt: null,
  }
  const empty = { perVault: [], broken: { total: 0, rows: [] }, amounts: [] }
  return { planId: 'p', hash: 'h', sender, ...empty, counts: { ...none, refuse: count }, refused }
}

it('shows some of many, and leaves out all', async () => {
  const wizard = new ImportWizard()
  const plan = refusedPlan(230)
  wizard.plan = plan
  const { container } = render(RefusedRows, { wizard, rows: plan.refused })
  // By element: names of hundreds of controls cost seconds where nothing is laid out.
  const boxes = () => container.querySelectorAll('input')
  expect(boxes()).toHaveLength(201)
  await userEvent.click(screen.getByText('Show 30 more of 230 rows'))
  expect(boxes()).toHaveLength(231)
  expect(screen.queryByText(/^Show/)).toBeNull()
  await userEvent.click(screen.getByLabelText('Leave out all 230'))
  expect(wizard.unresolved).toEqual([])
})
