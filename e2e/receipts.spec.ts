// A receipt of what was decided: saved after deciding, checked in words, and refused once a byte of it was changed.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './fixtures.ts'
import { passphrase } from './northwind/ask.ts'
import { received } from './northwind/received.ts'
import { chooseFile } from './pages/choose-file.ts'
import { ConflictsPage } from './pages/conflicts-page.ts'
import { ExportsPage } from './pages/exports-page.ts'
import { ImportWizard } from './pages/import-wizard.ts'
import { ImportsPage } from './pages/imports-page.ts'
import { moveToRow, pressEnter, typeInto } from './pages/keyboard.ts'
import { look } from './pages/look.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'northwind' })
test.setTimeout(400_000)

test('a receipt is saved, checked, and refused when a byte was changed', async ({
  console,
  dataDir,
  page,
}) => {
  await new UnlockPage(page).unlock(passphrase)
  await new ImportWizard(console).import(received(dataDir, 2), '2 added, 24 to decide, none removed')
  const conflicts = new ConflictsPage(page)
  await conflicts.open()
  await conflicts.decide('theirs', 'as agreed by phone')
  await conflicts.decide('ours')
  const exports = new ExportsPage(page)
  const make = exports.dialog.getByRole('button', { name: 'Make the receipt' })

  await test.step('of a period without decisions there is none', async () => {
    await conflicts.press('p')
    await typeInto(exports.dialog.getByLabel('Until'), '01012001')
    await pressEnter(make)
    await expect(exports.dialog.getByRole('status')).toHaveText(/^No decision stands there/)
    await look(page, 'receipt-save')
    await pressEnter(exports.dialog.getByRole('button', { name: 'Cancel' }))
    await expect(conflicts.list).toBeFocused()
  })

  let receipt = ''
  await test.step('about the import, from its row', async () => {
    const imports = new ImportsPage(page)
    await imports.open()
    await moveToRow(imports.table, 'no. 2')
    await page.keyboard.press('p')
    await pressEnter(make)
    await expect(exports.dialog.getByRole('heading', { name: 'Receipt of 2 decisions' })).toBeVisible(slow)
    receipt = await exports.save(dataDir, 'Save receipt')
    await exports.close()
  })

  await test.step('it says who decided what, and that all of it holds', async () => {
    await page.keyboard.press('c')
    const choose = exports.dialog.getByRole('button', { name: 'Choose receipt' })
    await chooseFile(console, receipt, () => pressEnter(choose))
    await expect(exports.dialog.getByRole('heading', { name: 'This receipt holds' })).toBeVisible(slow)
    await expect(exports.dialog.getByText('own key', { exact: true })).toBeVisible()
    await expect(exports.dialog.getByText('the audit trail here holds').first()).toBeVisible()
    const rows = exports.dialog.getByRole('grid', { name: 'Decisions' })
    await expect(rows.getByRole('row')).toHaveCount(3)
    await expect(rows.getByText(/^took the version of /)).toBeVisible()
    await expect(
      exports.dialog.getByText(/ took the version of .*: Invoice \d+ of .* “as agreed by phone”$/),
    ).toBeVisible()
    await look(page, 'receipt-check')
  })

  await test.step('one byte changed: refused, and it says not to rely on it', async () => {
    const bytes = await readFile(receipt)
    const at = bytes.indexOf('as agreed by phone')
    bytes[at] = 'A'.charCodeAt(0)
    const changed = join(dataDir, 'changed.receipt.json')
    await writeFile(changed, bytes)
    const again = exports.dialog.getByRole('button', { name: 'Check another' })
    await chooseFile(console, changed, () => pressEnter(again))
    await expect(exports.dialog.getByRole('alert')).toContainText('changed after it was signed')
    await expect(exports.dialog.getByRole('alert')).toContainText('Do not rely on it')
    await expect(exports.dialog.getByRole('grid', { name: 'Decisions' })).toBeHidden()
    await look(page, 'receipt-refused')
  })
})
