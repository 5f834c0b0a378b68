// Two offices, each in its own workspace and window: one proposes, the other countersigns, deltas go both ways and merge,
// a suspension stops them, and both logs say the same. By keyboard all the way.
import { join } from 'node:path'
import { expect, test, type RunningConsole } from './fixtures.ts'
import { startLoopback } from './hosts/loopback.ts'
import { AgreementsPage } from './pages/agreements-page.ts'
import { ImportsPage } from './pages/imports-page.ts'
import { chooseIn, moveToRow, pressSpace, typeInto } from './pages/keyboard.ts'
import { look } from './pages/look.ts'
import { PeriodsPage } from './pages/periods-page.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'agreements' })
test.setTimeout(300_000)

const passphrase = 'two offices one client'

async function openOffice(console: RunningConsole, folder: string): Promise<AgreementsPage> {
  await new UnlockPage(console.page).unlock(passphrase)
  const office = new AgreementsPage(console, folder)
  await office.open()
  return office
}

test('propose, countersign, exchange both ways, suspend, compare', async ({ console: running, dataDir }) => {
  const firm = await openOffice(running, dataDir)
  const args = [`--workspace=${join(dataDir, 'books.lobby')}`]
  const other = await startLoopback({ dataDir, args, env: process.env, sandbox: false })
  try {
    const books = await openOffice(other, dataDir)
    const proposal = await propose(firm)
    const answer = await countersign(books, proposal)
    await confirm(firm, answer)

    const receipt = await books.apply(await firm.send())
    await firm.take(receipt)
    await expect(firm.page.getByText('arrived', { exact: true })).toBeVisible(slow)

    await edit(firm, '10248', 'Customer', 'Chevalier & Fils')
    const second = await firm.send()
    await edit(books, '10248', 'Notes', 'paid in cash')
    await books.apply(second)
    await firm.apply(await books.send())
    await expectBoth(firm, '10248', ['Chevalier & Fils', 'paid in cash'])
    await expectBoth(books, '10248', ['Chevalier & Fils', 'paid in cash'])

    await intoClosedMonth(firm, books)
    await compare(firm, books)
    await suspend(firm)
    await look(firm.page, 'agreement')
    await firm.page.goBack()
  } finally {
    await other.stop()
  }
})

async function propose(firm: AgreementsPage): Promise<string> {
  const { page, dialog } = firm
  await expect(page.getByText('No agreements yet')).toBeVisible()
  await look(page, 'agreements-empty')
  await firm.ask('p')
  await typeInto(dialog.getByLabel('With'), 'Harbour Bookkeeping')
  await chooseIn(dialog.getByLabel('Client'), 'Northwind Traders')
  const fields = dialog.getByRole('list', { name: 'Collections and fields' })
  await pressSpace(fields.getByRole('checkbox', { name: 'Invoices' }))
  await chooseIn(dialog.getByLabel('How often'), 'Every week')
  await expect(dialog.getByText(/^3 records, \d+ fields$/)).toBeVisible(slow)
  await look(page, 'agreement-proposal')
  await firm.press('Sign proposal')
  const file = await firm.save('Save proposal')
  await firm.close()
  await expect(page.getByText('waits for Harbour Bookkeeping')).toBeVisible(slow)
  return file
}

async function countersign(books: AgreementsPage, proposal: string): Promise<string> {
  const { page, dialog } = books
  await books.bring(proposal)
  await expect(dialog.getByText(/^Alder & Co proposed this agreement/)).toBeVisible(slow)
  await expect(dialog.getByRole('button', { name: 'Take it' })).toBeDisabled()
  await look(page, 'agreement-take')
  await pressSpace(dialog.getByRole('checkbox', { name: /^I compared the fingerprint/ }))
  await chooseIn(dialog.getByLabel('Client it is about'), 'Northwind Traders')
  await books.press('Take it')
  await expect(dialog.getByText(/^Taken\./)).toBeVisible(slow)
  await books.close()
  await expect(page.getByRole('region', { name: 'Agreement' })).toBeVisible(slow)
  await expect(page.getByRole('link', { name: 'Agreements 1' })).toBeVisible(slow)
  await books.ask('c')
  await expect(dialog.getByText('Records are exchanged from now on, as agreed.')).toBeVisible(slow)
  await look(page, 'agreement-countersign')
  await books.press('Countersign and sign')
  const file = await books.save('Save file')
  await books.close()
  return file
}

async function confirm(firm: AgreementsPage, answer: string): Promise<void> {
  await firm.bring(answer)
  await pressSpace(firm.dialog.getByRole('checkbox', { name: /^I compared the fingerprint/ }))
  await firm.press('Take it')
  await expect(firm.dialog.getByText(/^Taken\./)).toBeVisible(slow)
  await firm.close()
  await expect(firm.page.getByText('in force')).toBeVisible(slow)
}

/** In the client's own screen, and back. */
async function edit(office: AgreementsPage, id: string, field: string, value: string): Promise<void> {
  await openRecord(office, id)
  const { page } = office
  await expect(page.getByRole('button', { name: 'Edit' })).toBeVisible(slow)
  await page.keyboard.press('e')
  await typeInto(page.getByRole('region', { name: 'Record' }).getByLabel(field, { exact: true }), value)
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText(/saved as version/)).toBeVisible(slow)
  await back(office)
}

async function expectBoth(office: AgreementsPage, id: string, values: readonly string[]): Promise<void> {
  await openRecord(office, id)
  const record = office.page.getByRole('region', { name: 'Record' })
  for (const value of values) await expect(record.getByText(value).first()).toBeVisible(slow)
  await back(office)
}

async function openRecord(office: AgreementsPage, id: string): Promise<void> {
  const { page } = office
  await office.goTo('c')
  await moveToRow(page.getByRole('grid', { name: 'Clients' }), 'Northwind Traders')
  await page.keyboard.press('Enter')
  await moveToRow(page.getByRole('grid', { name: 'Invoices' }), id)
  await expect(page.getByRole('region', { name: 'Record' })).toBeVisible(slow)
}

async function back(office: AgreementsPage): Promise<void> {
  const { page } = office
  await office.goTo('e')
  await moveToRow(page.getByRole('grid', { name: 'Agreements' }), 'Northwind Traders')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'Agreement' })).toBeVisible(slow)
}

/** The month is closed where the delivery arrives: with a reason it is taken, and with another it is undone. */
async function intoClosedMonth(firm: AgreementsPage, books: AgreementsPage): Promise<void> {
  const { page, dialog } = books
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await page.getByRole('grid', { name: 'Clients' }).waitFor()
  const periods = new PeriodsPage(page)
  await periods.askCloseAll('2026-05')
  await periods.confirmCloseAll('Close everything up to May 2026 for 1 client', 'VAT is filed')
  await back(books)

  await edit(firm, '10249', 'Customer', 'Toms & Töchter')
  const { delivery, key } = await firm.send()
  await books.bring(delivery)
  await books.giveKey(key)
  const against = dialog.getByRole('region', { name: 'Records against a rule' })
  await expect(against.getByText(/^May 2026 is closed for Northwind Traders since /)).toBeVisible(slow)
  await expect(against.getByRole('checkbox', { name: /^Leave out / })).toBeFocused()
  const apply = dialog.getByRole('button', { name: 'Apply 1 record' })
  await expect(apply).toBeDisabled()
  await look(page, 'agreement-against-rule')
  await against.getByRole('checkbox', { name: /^Leave out / }).press('Space')
  await expect(dialog.getByRole('button', { name: 'Apply 0 records' })).toBeEnabled()
  await against.getByRole('checkbox', { name: /^Leave out / }).press('Space')
  await against.getByRole('textbox').fill('they asked for it by telephone')
  await books.press('Apply 1 record')
  await expect(dialog.getByText('It stands in the imports, and can be undone there.')).toBeVisible(slow)
  await books.close()
  await undoIntoClosedMonth(books, periods)
  await back(books)
}

async function undoIntoClosedMonth({ page, dialog }: AgreementsPage, periods: PeriodsPage): Promise<void> {
  const imports = new ImportsPage(page)
  await imports.open()
  await imports.table
    .getByRole('button', { name: /^Undo import of / })
    .first()
    .click()
  const closed = dialog.getByRole('region', { name: 'Records in a closed period' })
  await expect(closed.getByText(/May 2026 is closed for Northwind Traders since /)).toBeVisible(slow)
  const undo = dialog.getByRole('button', { name: /^Undo import of 1 record/ })
  await expect(undo).toBeDisabled()
  await look(page, 'undo-into-closed-period')
  await closed.getByRole('textbox').fill('it was the wrong month')
  await undo.click()
  await expect(dialog).toHaveCount(0)
  await periods.openExceptions()
  for (const reason of ['they asked for it by telephone', 'it was the wrong month'])
    await expect(periods.exceptions.getByRole('row').filter({ hasText: reason })).toBeVisible(slow)
}

async function compare(firm: AgreementsPage, books: AgreementsPage): Promise<void> {
  const waiting = books.page.waitForEvent('download')
  await books.page.keyboard.press('l')
  const download = await waiting
  const file = await download.path()
  await firm.bring(file)
  await expect(firm.dialog.getByText('the same', { exact: true })).toBeVisible(slow)
  await expect(firm.dialog.getByText(/^4 deliveries stand in both logs alike/)).toBeVisible()
  await look(firm.page, 'agreement-compare')
  await firm.close()
}

async function suspend(firm: AgreementsPage): Promise<void> {
  const { page, dialog } = firm
  await firm.ask('s')
  await expect(dialog.getByText('Nothing is sent or taken until it is resumed.')).toBeVisible(slow)
  await typeInto(dialog.getByLabel('Reason'), 'year-end audit')
  await firm.press('Suspend and sign')
  await expect(dialog.getByText('Give it to Harbour Bookkeeping')).toBeVisible(slow)
  await firm.close()
  await expect(page.getByText('suspended by you')).toBeVisible(slow)
  await expect(page.getByRole('button', { name: /^Send/ })).toBeHidden()
  await page.keyboard.press('x')
  await expect(dialog).toBeHidden()
}
