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
  const plan = refusedPlan(450)
  wizard.plan = plan
  render(RefusedRows, { wizard, rows: plan.refused })
  const user = userEvent.setup()
  expect(screen.getAllByRole('checkbox')).toHaveLength(201)
  expect(screen.getByRole('checkbox', { name: 'Leave out Contact line 2' })).not.toBeChecked()
  await user.click(screen.getByRole('button', { name: 'Show 200 more of 450 rows' }))
  await user.click(screen.getByRole('button', { name: 'Show 50 more of 450 rows' }))
  expect(screen.getAllByRole('checkbox')).toHaveLength(451)
  expect(screen.queryByRole('button')).toBeNull()
  await user.click(screen.getByRole('checkbox', { name: 'Leave out all 450' }))
  expect(wizard.unresolved).toEqual([])
})
