// An import is taken back as a whole, with what was decided on it, and its bundle can be imported again.
import { join } from 'node:path'
import { expect, test, workspaceName } from './fixtures.ts'
import { passphrase, storedContents, verifyAudit } from './northwind/ask.ts'
import { expectedConflicts } from './northwind/decisions.ts'
import { northwindClients } from './northwind/records.ts'
import { received } from './northwind/received.ts'
import { ConflictsPage } from './pages/conflicts-page.ts'
import { ImportWizard } from './pages/import-wizard.ts'
import { ImportsPage } from './pages/imports-page.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'northwind' })
test.setTimeout(300_000)

const effect = '2 added, 24 to decide, none removed'
/** The second bundle holds the fourth and the fifth of the shared clients: the last 24 of the sixty. */
const ofSecondBundle = () => expectedConflicts().filter(({ nth }) => nth >= 36)

test('undo an import with its decisions, and import the same bundle again', async ({ dataDir, start }) => {
  const file = join(dataDir, workspaceName)
  const bundle = received(dataDir, 2)
  const running = await start()
  const { page } = running
  const wizard = new ImportWizard(running)
  const imports = new ImportsPage(page)
  await new UnlockPage(page).unlock(passphrase)

  await test.step('import, and decide three of the conflicts', async () => {
    await wizard.import(bundle, effect)
    const conflicts = new ConflictsPage(page)
    await conflicts.open()
    for (const side of ['theirs', 'theirs', 'ours'] as const) await conflicts.decide(side)
    await conflicts.expectPosition(1, 21)
  })

  await test.step('the same bundle again: already imported, nothing changes', async () => {
    await wizard.open()
    await wizard.choose(bundle.bundle)
    await expect(wizard.alreadyImported).toBeVisible()
    await wizard.giveKey(bundle.keys)
    await wizard.check('Ask about every change')
    await wizard.refusedAsImported()
    await expect(page.getByRole('link', { name: 'Conflicts 21' })).toBeVisible()
  })

  await test.step('undo says first what it takes back', async () => {
    await imports.open()
    const dialog = await imports.askUndo('from-bookkeeper-2.noydb')
    await expect(dialog).toContainText('2 records go back to what they were before the import')
    await expect(dialog).toContainText('2 records that came with it are removed')
    await expect(dialog).toContainText('21 open conflicts are withdrawn from the queue')
    await expect(dialog.getByRole('region', { name: 'Decisions that are recalled' })).toContainText(
      '3 decisions',
    )
    await imports.confirmUndo(dialog)
    await expect(page.getByRole('link', { name: 'Conflicts', exact: true })).toBeVisible()
    await expect(imports.table.getByText('undone')).toBeVisible()
  })

  await test.step('the same bundle can be imported again', async () => {
    await wizard.import(bundle, effect)
    await expect(page.getByRole('link', { name: 'Conflicts 24' })).toBeVisible()
    await running.stop()
  })

  const { conflicts, invoices } = await storedContents(file)
  const open = conflicts.filter(({ status }) => status === 'open')
  expect(open.map(({ recordId }) => recordId).sort()).toEqual(
    ofSecondBundle()
      .map(({ id }) => id)
      .sort(),
  )
  expect(open.every(({ baseKnown }) => baseKnown)).toBe(true)
  // The decided records are back at what the firm had, and the two new ones are there once.
  for (const { company, id, ours } of ofSecondBundle()) expect(invoices[company]?.[id]).toEqual(ours)
  const stored = Object.values(invoices).reduce((sum, records) => sum + Object.keys(records).length, 0)
  const own = northwindClients().reduce((sum, client) => sum + client.invoices.size, 0)
  expect(stored).toBe(own + 2)
  expect((await verifyAudit(file)).ok).toBe(true)
})
