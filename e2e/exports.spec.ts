// Records leave in clear: one client as a workbook that another library reads, cell by cell as the records are stored;
// chosen clients as an archive; only what a search finds, and the file says so.
import { read, utils } from '@e965/xlsx'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, workspaceName } from './fixtures.ts'
import { passphrase, storedContents } from './northwind/ask.ts'
import { ExportsPage } from './pages/exports-page.ts'
import { moveToRow, pressEnter } from './pages/keyboard.ts'
import { look } from './pages/look.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'northwind' })
test.setTimeout(400_000)

interface Field {
  readonly path: string
  readonly label: string
  readonly type: string
}

const template = JSON.parse(readFileSync('resources/templates/client-accounting.json', 'utf8')) as {
  collections: Record<string, { label: { many: string }; fields: Field[] }>
}
const columns = (collection: string): Field[] =>
  (template.collections[collection]?.fields ?? []).filter(({ path }) => !path.includes('*'))

type Body = Readonly<Record<string, unknown>>

function valueAt(record: Body, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Body | undefined)?.[name], record)
}

/** What a cell has to hold, from the record alone. Northwind's currencies have two digits. */
function expectedCell(record: Body, { path, type }: Field): unknown {
  const value = valueAt(record, path) ?? null
  if (value === null || value === '') return null
  if (type === 'money') return (value as number) / 100
  if (type === 'date') return `${value as string}T00:00:00.000Z`
  if (type === 'decimal') return Number(value)
  return typeof value === 'object' ? JSON.stringify(value) : value
}

function cellsOf(file: string, sheet: string): unknown[][] {
  const book = read(readFileSync(file), { cellDates: true, UTC: true })
  const rows = utils.sheet_to_json<unknown[]>(book.Sheets[sheet] ?? {}, {
    header: 1,
    defval: null,
    UTC: true,
  })
  return rows.map((row) => row.map((cell) => (cell instanceof Date ? cell.toISOString() : cell)))
}

test('a client as a workbook, and chosen clients as an archive', async ({ console, dataDir, page }) => {
  await new UnlockPage(page).unlock(passphrase)
  const exports = new ExportsPage(page)
  let file = ''

  await test.step('one client, by keyboard: allowed first, then every record', async () => {
    await moveToRow(exports.clients, 'Ernst Handel')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('grid', { name: 'Invoices' })).toBeVisible(slow)
    await page.keyboard.press('t')
    const dialog = page.getByRole('dialog', { name: 'Export records of Ernst Handel' })
    await expect(dialog.getByText('may not leave as an Excel workbook yet')).toBeVisible()
    await expect(dialog.getByRole('button', { name: /^Export \d+ records/ })).toBeDisabled()
    await exports.allow()
    await look(page, 'export-records')
    await exports.write(/^Export \d+ records/)
    await look(page, 'export-records-done')
    file = await exports.save(dataDir)
    await exports.close()
  })

  await test.step('only what the search shows, and the file says so', async () => {
    await page.keyboard.press('/')
    await page.keyboard.type('1997-01')
    await expect(page.getByRole('grid', { name: 'Invoices' }).getByRole('row')).not.toHaveCount(1, slow)
    await pressEnter(page.getByRole('button', { name: 'Export…' }))
    const scope = exports.dialog.getByRole('radio', { name: /^Only with “1997-01” \(\d+\)/ })
    await expect(scope).toBeChecked()
    await exports.format(/^Report to print/)
    await exports.allow()
    await look(page, 'export-found')
    await exports.write(/^Export \d+ records/)
    const report = await exports.save(dataDir)
    const html = readFileSync(report, 'utf8')
    expect(html).toContain('records with “1997-01”')
    await exports.close()
  })

  await test.step('three clients chosen in the list leave together, and no other', async () => {
    await Promise.all([page.keyboard.press('g'), page.keyboard.press('c')])
    await expect(exports.clients.getByText('Alfreds Futterkiste')).toBeVisible(slow)
    await exports.choose(['Alfreds Futterkiste', 'Ernst Handel', 'QUICK-Stop'])
    await look(page, 'clients-chosen')
    await page.keyboard.press('t')
    await expect(exports.dialog.getByRole('heading', { name: 'Export records of 3 clients' })).toBeVisible()
    await expect(
      exports.dialog.getByText('Records of Alfreds Futterkiste and QUICK-Stop may not'),
    ).toBeVisible()
    await exports.allow()
    await exports.write(/^Export \d+ records/)
    const book = read(readFileSync(await exports.save(dataDir)))
    const clients = new Set(book.SheetNames.slice(2).map((name) => name.split('_')[0]))
    expect([...clients]).toEqual(['Alfreds Futterkiste', 'Ernst Handel', 'QUICK-Stop'])
    await exports.close()
  })

  await console.stop()
  const stored = await storedContents(join(dataDir, workspaceName))
  for (const collection of ['invoices', 'contacts'] as const) {
    const records = Object.values(stored[collection]['Ernst Handel'] ?? {})
    expect(records.length).toBeGreaterThan(0)
    const [head, ...rows] = cellsOf(
      file,
      `Ernst Handel_${template.collections[collection]?.label.many ?? ''}`,
    )
    expect(head).toEqual(columns(collection).map(({ label }) => label))
    const wanted = records.map((record) => columns(collection).map((field) => expectedCell(record, field)))
    const sorted = (table: unknown[][]): string[] => table.map((row) => JSON.stringify(row)).sort()
    expect(sorted(rows)).toEqual(sorted(wanted))
  }
})
