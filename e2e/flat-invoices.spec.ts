// One row for each line of an invoice, as an accounting program exports them: seen as invoices, imported, undone, and
// compared line by line with what this spec reads and adds up itself.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, workspaceName } from './fixtures.ts'
import { passphrase, storedContents } from './northwind/ask.ts'
import { flatCsv, linesOf1996 } from './northwind/flat.ts'
import { expectedInvoices } from './northwind/read.ts'
import { ForeignWizard } from './pages/foreign-wizard.ts'
import { ImportsPage } from './pages/imports-page.ts'
import { look } from './pages/look.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'foreign' })
test.setTimeout(240_000)

test('rows that are lines become invoices, are undone and taken again', async ({ console, dataDir }) => {
  const lines = linesOf1996()
  const orders = Map.groupBy(lines, ({ order }) => order)
  const file = join(dataDir, 'invoices.csv')
  await writeFile(file, flatCsv(lines))
  await new UnlockPage(console.page).unlock(passphrase)
  const wizard = new ForeignWizard(console)
  const { page } = wizard
  await wizard.choose(file)
  await wizard.toColumns()
  await expect(wizard.choice('Import as')).toHaveValue('invoices')
  await expect(wizard.choice('A row is')).toHaveValue('grouped')
  await expect(page.getByRole('checkbox', { name: 'Invoice', exact: true })).toBeChecked()
  await expect(wizard.choice('Column for Line: Quantity')).toHaveValue('Quantity')
  await expect(wizard.field('Total')).toContainText('Net')
  await wizard.chooseClient('North')
  await expect(page.getByText('Say first where Currency comes from.')).toBeVisible()
  await wizard.choice('Column for Currency').selectOption({ label: 'The same for all rows' })
  await page.getByRole('textbox', { name: 'Value of Currency' }).fill('USD')

  await test.step('one invoice is shown with its lines', async () => {
    const [first] = lines
    const own = orders.get(first?.order ?? '') ?? []
    const example = page.getByRole('region', { name: 'Invoice as it would be' })
    await expect(example).toContainText(`${own.length} rows`, slow)
    const table = example.getByRole('table', { name: 'Lines of the invoice' })
    await expect(table.getByRole('row')).toHaveCount(own.length + 1)
    for (const { text } of own) await expect(table).toContainText(text)
    await expect(example).toContainText('USD')
    await look(page, 'import-flat-columns')
  })

  const words = `${orders.size} added, none removed`
  await expect(page.getByRole('button', { name: `Check ${lines.length} rows` })).toBeVisible(slow)
  await wizard.check()
  await expect(page.getByText(`What would happen: ${words}.`)).toBeVisible()
  await look(page, 'import-flat-check')
  await wizard.apply(words)
  await test.step('undone, and taken again by its mapping', async () => {
    const imports = new ImportsPage(page)
    await imports.open()
    await imports.confirmUndo(await imports.askUndo('invoices.csv'))
    await wizard.choose(file)
    await wizard.toColumns()
    await expect(wizard.choice('Mapping')).toHaveValue('invoices')
    await expect(wizard.choice('A row is')).toHaveValue('grouped')
    await wizard.check()
    await wizard.apply(words)
  })
  await console.stop()

  const { invoices } = await storedContents(join(dataDir, workspaceName))
  const stored = new Map(
    Object.values(invoices['Northwind Traders'] ?? {}).map((one) => [one['number'], one]),
  )
  expect(stored.size).toBe(orders.size)
  const expected = expectedInvoices()
  for (const [order, own] of orders) {
    const { net, freight, total } = expected.get(order) ?? { net: 0, freight: 0, total: 0 }
    expect(stored.get(order)).toMatchObject({ net, freight, total, currency: 'USD' })
    expect(stored.get(order)?.['lines']).toMatchObject(
      own.map(({ text, quantity, cents }, at) => ({
        lineNo: at + 1,
        description: text,
        quantity,
        amount: cents,
      })),
    )
  }
})

test('a row of totals is an invoice with one line of its net amount', async ({ console, dataDir }) => {
  const file = join(dataDir, 'totals.csv')
  await writeFile(
    file,
    'Number;Date;Customer;Currency;Net;VAT;Gross\nR-1;2026-05-04;Bergs;EUR;100,00;19,00;119,00\n',
  )
  await new UnlockPage(console.page).unlock(passphrase)
  const wizard = new ForeignWizard(console)
  const { page } = wizard
  await wizard.choose(file)
  await wizard.toColumns()
  await expect(wizard.choice('Import as')).toHaveValue('invoices')
  await expect(wizard.choice('A row is')).toHaveValue('single')
  await wizard.choice('A row is').selectOption('grouped')
  await expect(page.getByText(/^Say first where Line: Description/)).toBeVisible()
  await wizard.choice('A row is').selectOption('single')
  await expect(page.getByRole('table', { name: 'Lines of the invoice' }).getByRole('row')).toHaveCount(
    2,
    slow,
  )
  await wizard.chooseClient('Sales')
  await wizard.check()
  await wizard.apply('1 added, none removed')
  await console.stop()
  const { invoices } = await storedContents(join(dataDir, workspaceName))
  expect(Object.values(invoices['Salescompany'] ?? {})).toMatchObject([
    {
      number: 'R-1',
      net: 10_000,
      vat: 1900,
      total: 11_900,
      lines: [{ lineNo: 1, quantity: '1', amount: 10_000 }],
    },
  ])
})
