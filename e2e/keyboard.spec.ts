// The keys of the conflict queue, one by one: what they do, where the focus is afterwards, and where they are listed.
import { expect, test } from './fixtures.ts'
import { passphrase } from './northwind/ask.ts'
import { received } from './northwind/received.ts'
import { ConflictsPage } from './pages/conflicts-page.ts'
import { expectVisibleFocus } from './pages/focus.ts'
import { ImportWizard } from './pages/import-wizard.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'northwind' })
test.setTimeout(240_000)

test('the queue by keyboard', async ({ console, dataDir, page }) => {
  await new UnlockPage(page).unlock(passphrase)
  await new ImportWizard(console).import(received(dataDir, 2), '2 added, 24 to decide, none removed')
  const conflicts = new ConflictsPage(page)
  await conflicts.open()
  await expectVisibleFocus(page)

  await test.step('? lists the keys, Escape leads back to where the keyboard was', async () => {
    await conflicts.press('?')
    const keys = page.getByRole('dialog', { name: 'Keys' })
    for (const label of ['Apply and next', 'Undo the last decision', 'Decide many by a rule', 'Lock'])
      await expect(keys.getByText(label, { exact: true }).first()).toBeVisible()
    await conflicts.press('Escape')
    await expect(keys).toBeHidden()
    await expect(conflicts.list).toBeFocused()
  })

  await test.step('j, k, End and Home move through the queue', async () => {
    await conflicts.expectPosition(1, 24)
    await conflicts.press('j')
    await conflicts.expectPosition(2, 24)
    await conflicts.press('k')
    await conflicts.expectPosition(1, 24)
    await conflicts.press('End')
    await conflicts.expectPosition(24, 24)
    await expectVisibleFocus(page)
    await conflicts.press('Home')
    await conflicts.expectPosition(1, 24)
  })

  await test.step('a decision moves on, and its undo comes back to it', async () => {
    const first = await conflicts.current()
    await conflicts.decide('theirs', 'as agreed by phone')
    await conflicts.expectPosition(1, 23)
    await conflicts.undo(24)
    await expect.poll(() => conflicts.current()).toBe(first)
    await expectVisibleFocus(page)
  })

  await test.step('from the fields, the next conflict is decided in its fields', async () => {
    await conflicts.current()
    await conflicts.press('ArrowRight')
    await expectVisibleFocus(page)
    await conflicts.press('2')
    await expectVisibleFocus(page)
    await conflicts.press('Enter')
    await conflicts.expectPosition(1, 23)
    await expect(
      conflicts.record.getByRole('radio', { name: /: (A|B|Base) / }).and(page.locator(':focus')),
    ).toBeVisible()
    await expectVisibleFocus(page)
  })
})
