// Files of other programs, from the file to the receipt and back, by keyboard; what is stored is compared with the files
// as this spec reads them itself.
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, workspaceName, type RunningConsole } from './fixtures.ts'
import { passphrase, storedContents } from './northwind/ask.ts'
import { testDataFolder } from './northwind/read.ts'
import { expectVisibleFocus } from './pages/focus.ts'
import { ForeignWizard } from './pages/foreign-wizard.ts'
import { ImportsPage } from './pages/imports-page.ts'
import { chooseIn, pressSpace, typeInto } from './pages/keyboard.ts'
import { look } from './pages/look.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'foreign' })
test.setTimeout(240_000)

const data = testDataFolder()

async function unlocked(console: RunningConsole): Promise<ForeignWizard> {
  await new UnlockPage(console.page).unlock(passphrase)
  return new ForeignWizard(console)
}

interface Line {
  readonly number: number
  readonly cells: readonly string[]
}

/** None of its cells is quoted. */
function readRagged(file: string): Line[] {
  const [, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\n')
  return rows.map((row, at) => ({ number: at + 2, cells: row.split(',') }))
}

test('ragged customers: faulty rows are named, left out, and the rest is undone and taken again', async ({
  console,
  dataDir,
}) => {
  const file = join(data, 'northwind-ragged/customers.csv')
  const lines = readRagged(file)
  const [sound, faulty] = [lines.filter(isWhole), lines.filter((line) => !isWhole(line))]
  expect(faulty.length).toBeGreaterThan(0)
  const wizard = await unlocked(console)
  const { page } = wizard
  await wizard.choose(file)
  await expect(wizard.choice('Delimiter')).toHaveValue(',')
  await expect(wizard.rows.getByRole('row', { name: /line 2 ALFKI Alfreds Futterkiste/ })).toBeVisible()
  await look(page, 'import-foreign-file')
  await wizard.toColumns()
  await expect(wizard.choice('Import as')).toHaveValue('contacts')
  await expect(wizard.choice('Column for Company')).toHaveValue('companyName')
  await expect(wizard.field('Company')).toContainText('Alfreds Futterkiste · ')
  await expect(page.getByRole('checkbox', { name: 'customerID', exact: true })).toBeChecked()
  await expect(page.getByRole('region', { name: 'Faulty rows' })).toContainText(`line ${faulty[0]?.number}`)
  await wizard.chooseClient('North')
  await expectVisibleFocus(page)
  await typeInto(page.getByRole('textbox', { name: 'Where it comes from' }), 'Northwind customers')
  await look(page, 'import-foreign-columns')
  await wizard.check()
  const words = `${sound.length} added, ${faulty.length} refused, none removed`
  await expect(page.getByText(`What would happen: ${words}.`)).toBeVisible()
  for (const { number } of faulty)
    await expect(
      wizard.refused.getByRole('checkbox', { name: new RegExp(`Leave out .*\\bline ${number}$`) }),
    ).toBeVisible()
  await expect(
    page.getByRole('button', { name: `Import ${sound.length} contacts into Northwind Traders` }),
  ).toBeDisabled()
  await look(page, 'import-foreign-check')
  await pressSpace(wizard.refused.getByRole('checkbox', { name: `Leave out all ${faulty.length}` }))
  await wizard.apply(words)
  await expect(page.getByText(/^Left out: /)).toContainText(`line ${faulty[0]?.number}`)

  await test.step('the same file again changes nothing', async () => {
    await wizard.choose(file)
    await expect(page.getByRole('status').filter({ hasText: 'already imported' })).toContainText(
      'Northwind Traders',
    )
    await wizard.toColumns()
    await expect(wizard.choice('Mapping')).toHaveValue('northwind-customers')
    await expect(wizard.choice('Client')).toHaveValue('clients--northwind')
    await wizard.goOn()
    await expect(wizard.failure).toContainText('This file is already imported', slow)
  })
  await test.step('undone, and imported again', async () => {
    const imports = new ImportsPage(page)
    await imports.open()
    await expect(imports.table).toContainText('Northwind customers')
    await imports.confirmUndo(await imports.askUndo('customers.csv'))
    await wizard.choose(file)
    await wizard.toColumns()
    await wizard.check()
    await pressSpace(wizard.refused.getByRole('checkbox', { name: `Leave out all ${faulty.length}` }))
    await wizard.apply(words)
  })
  await console.stop()
  const { contacts } = await storedContents(join(dataDir, workspaceName))
  const stored = Object.values(contacts['Northwind Traders'] ?? {})
  expect(stored.map(contactOf).sort(byCompany)).toEqual(sound.map(expectedOf).sort(byCompany))
})

const isWhole = ({ cells }: Line): boolean => cells.length === 11

type Contact = Readonly<Record<string, unknown>>

function expectedOf({ cells }: Line): Contact {
  const said = cells.map((cell) => (cell === 'NULL' || cell === '' ? undefined : cell))
  const [, company, name, title, street, city, region, postalCode, country, phone, fax] = said
  return { company, name, title, phone, fax, address: { street, city, region, postalCode, country } }
}

function contactOf({ company, name, title, phone, fax, address }: Contact): Contact {
  const { street, city, region, postalCode, country } = (address ?? {}) as Contact
  return { company, name, title, phone, fax, address: { street, city, region, postalCode, country } }
}

const byCompany = (left: Contact, right: Contact): number =>
  String(left['company']) < String(right['company']) ? -1 : 1

test('an invoice of Peppol is an invoice of the client', async ({ console, dataDir }) => {
  const file = join(data, 'peppol/base-example.xml')
  const xml = readFileSync(file, 'utf8')
  const said = (name: string): string => new RegExp(`<cbc:${name}[^>]*>([^<]+)<`).exec(xml)?.[1] ?? ''
  const wizard = await unlocked(console)
  await wizard.choose(file)
  await expect(wizard.page.getByRole('heading', { name: 'UBL invoice' })).toBeVisible()
  await wizard.toColumns()
  await expect(wizard.choice('Import as')).toHaveValue('invoices')
  await expect(wizard.field('Number')).toContainText(said('ID'))
  await wizard.chooseClient('Sales')
  await look(wizard.page, 'import-foreign-invoice')
  await wizard.check()
  await wizard.apply('1 added, none removed')
  await console.stop()
  const { invoices } = await storedContents(join(dataDir, workspaceName))
  const [invoice] = Object.values(invoices['Salescompany'] ?? {})
  const minor = (name: string): number => Math.round(Number(said(name)) * 100)
  expect(invoice).toMatchObject({
    number: said('ID'),
    issueDate: said('IssueDate'),
    dueDate: said('DueDate'),
    currency: said('DocumentCurrencyCode'),
    net: minor('TaxExclusiveAmount'),
    total: minor('TaxInclusiveAmount'),
  })
})

test('a decimal comma that was taken for a point is corrected before anything else', async ({
  console,
  dataDir,
}) => {
  const file = join(dataDir, 'umsatz.txt')
  const text = 'Datum;Betrag;Währung;Verwendungszweck\n04.05.2026;12.500;EUR;R-1\n05.05.2026;-3.250;EUR;R-2\n'
  await writeFile(file, Buffer.from(text, 'latin1'))
  const wizard = await unlocked(console)
  await wizard.choose(file)
  await expect(wizard.choice('Encoding')).toHaveValue('windows-1252')
  await expect(wizard.page.getByText('Some numbers and days here can be read in two ways.')).toBeVisible()
  await wizard.choice('Decimal sign').focus()
  await wizard.page.keyboard.type('1.234')
  await expect(wizard.choice('Decimal sign')).toHaveValue(',')
  await expect(wizard.rows.getByRole('columnheader', { name: 'Betrag' })).toContainText('number, comma')
  await wizard.toColumns()
  await expect(wizard.choice('Import as')).toHaveValue('payments')
  await expect(wizard.field('Amount')).toContainText(/12[.,]500[.,]00 EUR/)
  await look(wizard.page, 'import-foreign-payments')
  await pressSpace(wizard.page.getByRole('checkbox', { name: 'Verwendungszweck' }))
  await pressSpace(wizard.page.getByRole('checkbox', { name: 'Datum' }))
  await wizard.chooseClient('Sales')
  await wizard.check()
  await wizard.apply('2 added, none removed')
  await console.stop()
  const { payments } = await storedContents(join(dataDir, workspaceName))
  const stored = Object.values(payments['Salescompany'] ?? {}).map(({ id: _id, ...payment }) => payment)
  expect(stored.sort((left, right) => String(left['date']).localeCompare(String(right['date'])))).toEqual([
    { date: '2026-05-04', amount: 1_250_000, currency: 'EUR', reference: 'R-1' },
    { date: '2026-05-05', amount: -325_000, currency: 'EUR', reference: 'R-2' },
  ])
})

test('a table of a database is imported, and the mapping forgotten when it is not wanted', async ({
  console,
  dataDir,
}) => {
  const file = join(dataDir, 'bank.db')
  const before = readFileSync(file)
  const wizard = await unlocked(console)
  await wizard.choose(file)
  await wizard.choice('Table').focus()
  await wizard.page.keyboard.type('bookings')
  await expect(wizard.rows.getByRole('row', { name: /bookings, row 1 1 2026-05-04 1234.5/ })).toBeVisible(
    slow,
  )
  await wizard.toColumns()
  await expect(wizard.choice('Import as')).toHaveValue('payments')
  await wizard.chooseClient('Sales')
  await wizard.check()
  await wizard.apply('2 added, none removed')
  expect(readFileSync(file).equals(before)).toBe(true)
  await wizard.choose(file)
  await expect(wizard.page.getByText('It is read as last time, by the mapping “bank”.')).toBeVisible(slow)
  await expect(wizard.choice('Table')).toHaveValue('bookings')
  await expect(wizard.rows).toContainText('bookings, row 1', slow)
  await wizard.toColumns()
  await expect(wizard.choice('Mapping')).toHaveValue('bank')
  await wizard.page.getByRole('heading', { name: 'bank.db' }).click()
  await wizard.page.keyboard.press('f')
  await expect(wizard.choice('Mapping')).toBeHidden()
  await expect(wizard.page.getByRole('status', { name: 'Messages' })).toContainText(
    'What was imported with it stays',
  )
  await console.stop()
  const { payments } = await storedContents(join(dataDir, workspaceName))
  const amounts = Object.values(payments['Salescompany'] ?? {}).map(({ amount }) => Number(amount))
  expect(amounts.sort((left, right) => left - right)).toEqual([-10, 123_450])
})

test('what cannot be read says so, and what to do', async ({ console, dataDir }) => {
  const wizard = await unlocked(console)
  const pdf = join(dataDir, 'scan.csv')
  await writeFile(pdf, '%PDF-1.7')
  await wizard.choose(pdf)
  await expect(wizard.failure).toContainText('This file is of no kind that the console imports', slow)
  await expect(wizard.failure).toContainText('no client was touched')
  const csv = join(dataDir, 'real.csv')
  await writeFile(csv, 'No,Company\n1,Alfreds\n')
  await wizard.choose(csv)
  await chooseIn(wizard.choice('Kind'), 'Workbook (XLSX)')
  await expect(wizard.failure).toContainText('This is no workbook', slow)
  await expect(wizard.page.getByRole('button', { name: 'Go on to the columns' })).toBeDisabled()
  await chooseIn(wizard.choice('Kind'), 'Delimited text (CSV, TSV)')
  await expect(wizard.rows).toBeVisible()
  await writeFile(csv, '')
})
