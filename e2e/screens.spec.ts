// Every screen, in light and dark and at two sizes: nothing scrolls sideways, axe finds nothing serious, the page
// throws nothing. With LOBBY_SCREENS=1 it also writes the pictures and contact sheets of docs/screens.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright/test'
import { expect, test, type RunningConsole } from './fixtures.ts'
import { passphrase } from './northwind/ask.ts'
import { flatCsv, linesOf1996 } from './northwind/flat.ts'
import { testDataFolder } from './northwind/read.ts'
import { received } from './northwind/received.ts'
import { chooseFile } from './pages/choose-file.ts'
import { ConflictsPage } from './pages/conflicts-page.ts'
import { ExportsPage } from './pages/exports-page.ts'
import { ForeignWizard } from './pages/foreign-wizard.ts'
import { ImportWizard } from './pages/import-wizard.ts'
import { ImportsPage } from './pages/imports-page.ts'
import { look } from './pages/look.ts'
import { composeSheet, themes } from './pages/pictures.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.setTimeout(600_000)
// In order: the sheets hold the picture of the first run too.
test.describe.configure({ mode: 'default' })

test.describe('before there is a workspace', () => {
  test('first run', async ({ page }) => {
    await expect(page.getByRole('heading', { name: 'Create a workspace' })).toBeVisible()
    await look(page, 'first-run')
  })
})

test.describe('at Northwind', () => {
  test.use({ scenario: 'northwind' })

  test('every screen of a workspace', async ({ console, dataDir }) => {
    const { page } = console
    const seen: string[] = []
    const see = async (screen: string): Promise<void> => {
      await look(page, screen)
      seen.push(screen)
    }
    await seeClients(page, see)
    await seeImport(console, dataDir, see)
    await seeForeign(console, see)
    await seeFlat(console, dataDir, see)
    await seeConflicts(page, see)
    await seeAgreements(page, see)
    await seeRest(page, see)
    await seeReceipts(console, dataDir, see)
    expect(seen).toHaveLength(34)
    for (const theme of themes) await composeSheet(page, ['first-run', ...seen], theme)
  })
})

type See = (screen: string) => Promise<void>

async function seeClients(page: Page, see: See): Promise<void> {
  const unlock = new UnlockPage(page)
  await expect(unlock.passphrase).toBeVisible()
  await see('unlock')
  await unlock.unlock(passphrase)
  const clients = page.getByRole('grid', { name: 'Clients' })
  await expect(clients.getByText('Alfreds Futterkiste')).toBeVisible()
  await see('clients')
  await seeRecordsLeave(page, see)
  await page.keyboard.press('e')
  await expect(page.getByRole('dialog')).toBeVisible()
  await see('export')
  await exportTyped(page, see)
  await clients.getByText('Save-a-lot Markets').or(clients.getByText('Ernst Handel')).first().dblclick()
  const records = page
    .getByRole('grid')
    .filter({ has: page.getByRole('row') })
    .first()
  await expect(records.getByRole('row').nth(1)).toBeVisible(slow)
  await see('client')
  await records.getByRole('row').nth(1).click()
  await expect(page.getByRole('button', { name: 'Edit' })).toBeVisible(slow)
  await see('record')
  await page.keyboard.press('p')
  await expect(page.getByRole('list', { name: 'Closed periods' })).toBeVisible()
  await see('periods')
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
  await page.keyboard.press('n')
  await expect(page.getByRole('region', { name: 'New record' })).toBeVisible()
  await see('new-record')
}

/** Two clients chosen, and what of them would leave in clear. */
async function seeRecordsLeave(page: Page, see: See): Promise<void> {
  const exports = new ExportsPage(page)
  await exports.choose(['Alfreds Futterkiste', 'Ana Trujillo'])
  await see('clients-chosen')
  await page.keyboard.press('t')
  await exports.allow()
  await see('export-records')
  await exports.dialog.getByRole('button', { name: 'Cancel' }).click()
  for (const key of ['a', 'a']) await page.keyboard.press(key)
  await expect(page.getByRole('button', { name: 'Export…' })).toBeVisible()
}

/** For somebody new; the key is to be read out. */
async function exportTyped(page: Page, see: See): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Recipient').fill('Brook Tax Advisers')
  await dialog.getByRole('checkbox', { name: 'Ernst Handel' }).check()
  await dialog.getByRole('combobox', { name: 'Key' }).selectOption('A key file under a passphrase')
  await see('export-passphrase')
  await dialog.getByRole('combobox', { name: 'Key' }).selectOption('Text to read out')
  await dialog.getByRole('button', { name: 'Export 1 client' }).click()
  await expect(dialog.getByRole('list', { name: 'Key 1 of 1' })).toBeVisible(slow)
  await see('export-typed-key')
  await dialog.getByRole('button', { name: 'Close' }).last().click()
}

async function seeImport(console: RunningConsole, dataDir: string, see: See): Promise<void> {
  const { page } = console
  const { bundle, keys } = received(dataDir, 1)
  const wizard = new ImportWizard(console)
  await wizard.open()
  await see('import-file')
  await wizard.choose(bundle)
  await expect(page.getByRole('region', { name: 'Sender' })).toBeVisible()
  await see('import-sender')
  await wizard.giveKey(keys, () => see('import-key'))
  await see('import-clients')
  await page.keyboard.press('s')
  const strictness = page.getByRole('dialog', { name: 'How strictly every client is merged' })
  await expect(strictness).toBeVisible()
  await see('import-strictness')
  await strictness.getByRole('button', { name: 'Cancel' }).click()
  await wizard.check('Ask about every change')
  await wizard.planned('3 added, 36 to decide, none removed')
  await see('import-check')
  await wizard.apply()
  await wizard.applied('3 added, 36 to decide, none removed')
  await see('import-receipt')
  const imports = new ImportsPage(page)
  await imports.open()
  await see('imports')
  const dialog = await imports.askUndo('from-bookkeeper-1.noydb')
  await see('import-undo')
  await dialog.getByRole('button', { name: 'Keep the import' }).click()
}

/** A table of another program, up to its check. */
async function seeForeign(console: RunningConsole, see: See): Promise<void> {
  const wizard = new ForeignWizard(console)
  await wizard.choose(join(testDataFolder(), 'northwind-ragged/customers.csv'))
  await expect(wizard.rows).toBeVisible(slow)
  await see('import-foreign-file')
  await wizard.toColumns()
  await wizard.chooseClient('Ernst')
  await expect(wizard.field('Company')).toContainText('Alfreds Futterkiste')
  await see('import-foreign-columns')
  await wizard.check()
  await see('import-foreign-check')
}

/** A table whose rows are lines of invoices. */
async function seeFlat(console: RunningConsole, dataDir: string, see: See): Promise<void> {
  const file = join(dataDir, 'invoices.csv')
  await writeFile(file, flatCsv(linesOf1996()))
  const wizard = new ForeignWizard(console)
  await wizard.choose(file)
  await wizard.toColumns()
  await expect(wizard.page.getByRole('region', { name: 'Invoice as it would be' })).toBeVisible(slow)
  await see('import-foreign-lines')
}

async function seeConflicts(page: Page, see: See): Promise<void> {
  const conflicts = new ConflictsPage(page)
  await conflicts.open()
  await conflicts.current()
  await conflicts.press('ArrowRight')
  await conflicts.press('1')
  await see('conflicts')
  await conflicts.press('Escape')
  await conflicts.press('b')
  await expect(page.getByRole('button', { name: 'Decide 36 conflicts' })).toBeEnabled(slow)
  await see('decide-many')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
}

/** With two offices at once: agreements.spec.ts. */
async function seeAgreements(page: Page, see: See): Promise<void> {
  await page.getByRole('link', { name: 'Agreements' }).click()
  await expect(page.getByText('No agreements yet')).toBeVisible()
  await see('agreements')
  await page.keyboard.press('p')
  const dialog = page.getByRole('dialog', { name: 'Propose an agreement' })
  await dialog.getByLabel('With').fill('Brook Tax Advisers')
  await dialog.getByLabel('Client').selectOption('Ernst Handel')
  await dialog.getByRole('checkbox', { name: 'Products' }).check()
  await expect(dialog.getByText(/^\d+ records?, \d+ fields?$/)).toBeVisible(slow)
  await see('agreement-propose')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
}

async function seeRest(page: Page, see: See): Promise<void> {
  await page.getByRole('link', { name: 'Activity' }).click()
  await page.getByRole('button', { name: 'Verify chain' }).click()
  await expect(page.getByRole('button', { name: 'Verify chain' })).toBeEnabled(slow)
  await see('activity')
  const activity = page.getByRole('grid', { name: 'Activity' })
  await activity.getByText('imported a file').click()
  const entry = page.getByRole('region', { name: 'Entry' })
  await expect(entry.getByRole('link', { name: 'Ernst Handel', exact: true })).toBeVisible()
  await see('activity-entry')
  await page.keyboard.press('Escape')
  await expect(entry).toBeHidden()
  await page.getByRole('combobox', { name: 'Client' }).selectOption('QUICK-Stop')
  await expect(activity.getByRole('row').nth(1)).toContainText('imported a file')
  await expect(activity.getByText('Ernst Handel')).toHaveCount(0)
  await page.getByRole('link', { name: 'Settings' }).click()
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible()
  await see('settings')
  await page.getByRole('button', { name: 'Keys' }).click()
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible()
  await see('keys')
}

/** A decision, the receipt of it, and that receipt looked at. */
async function seeReceipts(console: RunningConsole, dataDir: string, see: See): Promise<void> {
  const { page } = console
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  const conflicts = new ConflictsPage(page)
  await conflicts.open()
  await conflicts.decide('theirs', 'as agreed by phone')
  await conflicts.press('Escape')
  await conflicts.press('p')
  const exports = new ExportsPage(page)
  await expect(exports.dialog).toBeVisible()
  await see('receipt-save')
  await exports.dialog.getByRole('button', { name: 'Make the receipt' }).click()
  const receipt = await exports.save(dataDir, 'Save receipt')
  await exports.close()
  await new ImportsPage(page).open()
  await page.keyboard.press('c')
  await chooseFile(console, receipt, () =>
    exports.dialog.getByRole('button', { name: 'Choose receipt' }).click(),
  )
  await expect(exports.dialog.getByRole('grid', { name: 'Decisions' })).toBeVisible(slow)
  await see('receipt-check')
}
