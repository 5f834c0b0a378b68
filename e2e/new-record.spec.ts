// A record written by hand: from `n` to its first version in the table, without leaving the keyboard.
import { expect, test } from './fixtures.ts'
import { passphrase } from './northwind/ask.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'northwind' })

test('a contact is written here, and what is missing is said at its field', async ({ page }) => {
  await new UnlockPage(page).unlock(passphrase)
  await page.getByRole('grid', { name: 'Clients' }).getByText('Bon app').dblclick()
  await page.getByRole('tab', { name: /Contacts/ }).click()
  await expect(page.getByRole('grid', { name: 'Contacts' })).toBeVisible(slow)
  await page.keyboard.press('n')
  const panel = page.getByRole('region', { name: 'New record' })
  await expect(panel.getByRole('textbox').first()).toBeFocused()

  await panel.getByRole('textbox', { name: 'E-mail' }).fill('office@bonapp.example')
  await page.keyboard.press('Control+Enter')
  await expect(panel.getByRole('alert').first()).toContainText('missing')

  await panel.getByRole('textbox', { name: 'Company', exact: true }).fill('Bon app Marseille')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText('Version 1', { exact: true })).toBeVisible()
  await expect(page.getByRole('grid', { name: 'Contacts' }).getByText('Bon app Marseille')).toBeVisible()
})
