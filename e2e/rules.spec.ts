// Rules of the template and closed periods: what stands against them is asked about, by keyboard, or left as it was; what
// is written all the same is listed with who did it and why.
import { expect, test } from './fixtures.ts'
import { passphrase } from './northwind/ask.ts'
import { expectedConflicts, type Pick } from './northwind/decisions.ts'
import { received } from './northwind/received.ts'
import { ConflictsPage } from './pages/conflicts-page.ts'
import { expectVisibleFocus } from './pages/focus.ts'
import { ImportWizard } from './pages/import-wizard.ts'
import { moveToRow, pressEnter, pressSpace, typeInto } from './pages/keyboard.ts'
import { look } from './pages/look.ts'
import { PeriodsPage } from './pages/periods-page.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'northwind' })
test.setTimeout(400_000)

test('a decision against a rule wants a reason, typed in the dock, and stands among the exceptions', async ({
  console,
  dataDir,
}) => {
  const { page } = console
  await new UnlockPage(page).unlock(passphrase)
  await new ImportWizard(console).import(received(dataDir, 1), '3 added, 36 to decide, none removed')
  const conflicts = new ConflictsPage(page)
  await conflicts.open()
  // One whose freight both sides changed.
  const wanted = new Set(
    expectedConflicts().flatMap(({ nth, id }) => ([0, 3, 6, 9].includes(nth) ? [id] : [])),
  )
  while (!wanted.has(await conflicts.current())) await conflicts.skip()
  const invoice = await conflicts.current()
  const picks: Pick[] = [
    { path: 'freight', label: 'Freight', take: 'theirs' },
    { path: 'net', label: 'Net', take: 'ours' },
    { path: 'total', label: 'Total', take: 'ours' },
  ]
  await conflicts.pick(picks)
  const dock = page.getByRole('region', { name: 'Decision' })
  await expect(dock.getByText('No longer true: Lines and freight add up to the net amount.')).toBeVisible(
    slow,
  )

  const why = dock.getByRole('textbox', { name: /^Why is this decided against 1 rule/ })
  await conflicts.press('Enter')
  await expect(why).toBeFocused()
  await look(page, 'conflict-against-rule')
  await conflicts.press('Escape')
  await expect(why).toBeHidden()
  await expectVisibleFocus(page)
  expect(await conflicts.current()).toBe(invoice)
  await conflicts.press('Enter')
  await expect(why).toBeFocused()
  await conflicts.press('Enter')
  expect(await conflicts.current()).toBe(invoice)
  await page.keyboard.type('as on the carrier’s bill')
  await conflicts.press('Enter')
  await expect.poll(() => conflicts.current(), slow).not.toBe(invoice)
  await expectVisibleFocus(page)
  await expect(page.getByRole('link', { name: 'Conflicts 35' })).toBeVisible(slow)

  const periods = new PeriodsPage(page)
  await periods.openExceptions()
  const row = periods.exceptions.getByRole('row').filter({ hasText: `Invoice ${invoice}` })
  await expect(row).toContainText('Lines and freight add up to the net amount.')
  await expect(row).toContainText('as on the carrier’s bill')
  await expect(row).toContainText('Robin Reviewer')
  await moveToRow(periods.exceptions, `Invoice ${invoice}`)
  const words = page.getByRole('region', { name: 'Exception', exact: true })
  await expect(words).toContainText('Robin Reviewer decided a conflict')
  await expect(words).toContainText('“as on the carrier’s bill”')
  await look(page, 'exceptions')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'Record' })).toContainText(invoice, slow)
})

test('a closed period keeps out an import and an edit, until it is reopened with a reason', async ({
  console,
  dataDir,
}) => {
  const { page } = console
  const periods = new PeriodsPage(page)
  const wizard = new ImportWizard(console)
  await new UnlockPage(page).unlock(passphrase)
  await expect(page.getByRole('grid', { name: 'Clients' }).getByText('Bon app')).toBeVisible()

  await test.step('everything is closed for every client at once', async () => {
    await periods.askCloseAll('1998-06')
    const words = 'Close everything up to June 1998 for 89 clients'
    await expect(periods.many.getByRole('button', { name: words })).toBeEnabled(slow)
    await look(page, 'close-period')
    await periods.confirmCloseAll(words, 'year end')
    await expect(page.getByText('Closed everything up to June 1998 for 89 clients.')).toBeVisible()
  })

  await test.step('an import of new invoices is kept out', async () => {
    const { bundle, keys } = received(dataDir, 2)
    await wizard.open()
    await wizard.choose(bundle)
    await wizard.giveKey(keys)
    await wizard.check('Ask about every change')
    await wizard.planned('2 added, 24 to decide, none removed')
    const against = page.getByRole('region', { name: 'Rows against a rule' })
    await expect(against.getByText(/^May 1998 is closed for .* since /)).toHaveCount(2)
    const apply = page.getByRole('button', { name: /^Import \d+ clients?/ })
    await expect(apply).toBeDisabled()
    await look(page, 'import-against-rule')
    await typeInto(against.getByRole('textbox'), 'received late')
    await expect(apply).toBeEnabled()
    await pressSpace(against.getByRole('checkbox', { name: 'Leave out all 2' }))
    await expect(against.getByRole('textbox')).toBeHidden()
    await wizard.apply()
    await wizard.applied('24 to decide, 2 refused, none removed')
  })

  await test.step('an edit is refused, and nothing is changed', async () => {
    await Promise.all([page.keyboard.press('g'), page.keyboard.press('c')])
    await expect(page.getByRole('heading', { name: 'Clients', exact: true })).toBeVisible()
    await page.keyboard.press('/')
    await page.keyboard.type('Ernst')
    const found = page.getByRole('grid', { name: 'Clients' })
    await expect(found.getByRole('row')).toHaveCount(2)
    await moveToRow(found, 'Ernst Handel')
    await page.keyboard.press('Enter')
    await moveToRow(page.getByRole('grid', { name: 'Invoices' }), '10258')
    const record = page.getByRole('region', { name: 'Record' })
    await expect(record).toContainText('July 1996 is closed since', slow)
    await expect(record).toContainText('by Robin Reviewer: year end.')
    await look(page, 'record-in-closed-period')
    await page.keyboard.press('e')
    await typeInto(page.getByRole('textbox', { name: 'Notes' }), 'sent again')
    await page.keyboard.press('Control+Enter')
    const against = page.getByRole('region', { name: 'Against a rule' })
    await expect(against).toContainText('July 1996 is closed for Ernst Handel since', slow)
    await expect(against.getByRole('textbox')).toBeFocused()
    await look(page, 'record-against-rule')
    await pressEnter(page.getByRole('button', { name: 'Discard' }))
    await expect(page.getByText('sent again')).toBeHidden()
  })

  await test.step('reopened with a reason, it is saved without one', async () => {
    await periods.reopen('Ernst Handel', '1996-07', 'Reopen July 1996', 'the auditor asked')
    await expect(page.getByRole('region', { name: 'Record' })).not.toContainText('is closed since', slow)
    await page.keyboard.press('e')
    await typeInto(page.getByRole('textbox', { name: 'Notes' }), 'sent again')
    await page.keyboard.press('Control+Enter')
    await expect(page.getByText(/^Invoice 10258 saved as version \d/)).toBeVisible(slow)
    await periods.openExceptions()
    await expect(page.getByRole('heading', { name: 'No exceptions' })).toBeVisible(slow)
  })
})
