// Deleted records travel when the sender says so, to another workspace, where a person is asked before they go.
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, workspaceName } from './fixtures.ts'
import { ExportsPage } from './pages/exports-page.ts'
import { ImportWizard } from './pages/import-wizard.ts'
import { look } from './pages/look.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'deletions' })
test.setTimeout(240_000)

const passphrase = 'a letter with no name'

test('a bundle with deletions is exported in one workspace and taken in another', async ({
  dataDir,
  start,
}) => {
  const workspace = join(dataDir, workspaceName)
  const files = { bundle: '', keys: '' }

  await test.step('the bookkeeper tells what was deleted', async () => {
    const books = await start()
    const { page } = books
    await new UnlockPage(page).unlock(passphrase)
    const exports = new ExportsPage(page)
    await expect(exports.clients.getByText('Chevalier')).toBeVisible()
    await page.keyboard.press('e')
    await exports.dialog.getByLabel('Recipient').fill('Alder & Co')
    await exports.dialog.getByRole('checkbox', { name: 'Chevalier' }).check()
    await exports.dialog.getByRole('checkbox', { name: 'Tell them what was deleted here' }).check()
    await look(page, 'export-deletions')
    await exports.dialog.getByRole('button', { name: 'Export 1 client' }).click()
    await expect(exports.dialog.getByRole('button', { name: 'Save bundle' })).toBeVisible(slow)
    files.bundle = await exports.save(dataDir, 'Save bundle')
    files.keys = await exports.save(dataDir, 'Save key file')
    await books.stop()
  })

  await test.step('the firm sees what would go, and has to say yes', async () => {
    await rename(workspace, join(dataDir, 'books.lobby'))
    await rename(join(dataDir, 'firm.lobby'), workspace)
    const firm = await start()
    const { page } = firm
    await new UnlockPage(page).unlock(passphrase)
    const wizard = new ImportWizard(firm)
    await wizard.open()
    await wizard.choose(files.bundle)
    await wizard.giveKey(files.keys)
    await look(page, 'import-strictness-clients')
    await page.keyboard.press('s')
    const strictness = page.getByRole('dialog', { name: 'How strictly every client is merged' })
    await strictness.getByRole('combobox', { name: 'Contacts' }).selectOption('Always ask')
    await look(page, 'import-strictness')
    await strictness.getByRole('button', { name: 'Merge like this' }).click()
    await wizard.check('Merge, ask about overlaps')
    await wizard.planned('1 to decide, 2 removed')
    const apply = page.getByRole('button', { name: /^Import 1 client/ })
    await expect(apply).toBeDisabled()
    await page.getByRole('button', { name: '2 removed in Chevalier' }).click()
    const rows = page.getByRole('grid', { name: 'Removed rows of Chevalier' })
    await expect(rows.getByText('Invoice 10248')).toBeVisible()
    await page.getByRole('checkbox', { name: 'Remove 2 records here too' }).check()
    await look(page, 'import-removals')
    await wizard.apply()
    await wizard.applied('1 to decide, 2 removed')
    await page.getByRole('link', { name: 'Clients' }).first().click()
    await page.getByRole('grid', { name: 'Clients' }).getByText('Chevalier').dblclick()
    const invoices = page.getByRole('grid', { name: 'Invoices' })
    await expect(invoices.getByText('10250')).toBeVisible(slow)
    await expect(invoices.getByText('10251')).toBeVisible()
    await expect(invoices.getByText('10248')).toHaveCount(0)
    await expect(invoices.getByText('10249')).toHaveCount(0)
  })
})
