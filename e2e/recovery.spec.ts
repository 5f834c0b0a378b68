// A forgotten passphrase: the code from the paper opens the workspace and sets a new one; a replaced code opens nothing.
import { expect, test } from './fixtures.ts'
import { confirmCode, FirstRunPage, readCode } from './pages/first-run-page.ts'
import { look } from './pages/look.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.setTimeout(300_000)

const forgotten = 'four unrelated words work'
const next = 'five quite unrelated words work'

test('create with a code, forget the passphrase, recover, replace the code', async ({ page }) => {
  const main = page.getByRole('navigation', { name: 'Main' })
  const lock = page.getByRole('button', { name: 'Lock' })
  const firstRun = new FirstRunPage(page)
  const unlock = new UnlockPage(page)

  const code = await test.step('the code is shown once, and kept before there is a workspace', async () => {
    await firstRun.describe('Kestrel & Co', 'Ada Accountant')
    await firstRun.passphrase.fill(forgotten)
    await firstRun.repeated.fill(forgotten)
    await firstRun.toCode.click()
    const shown = await readCode(page)
    await look(page, 'first-run-code')
    await page.getByRole('textbox', { name: /^Type group/ }).fill('0000')
    await expect(firstRun.create).toBeDisabled()
    await confirmCode(page, shown)
    await firstRun.create.click()
    await expect(main).toBeVisible(slow)
    return shown
  })

  await test.step('the code opens the locked workspace and sets a new passphrase', async () => {
    await lock.click()
    await page.getByRole('button', { name: 'Use the recovery code' }).click()
    const field = page.getByRole('textbox', { name: 'Recovery code' })
    await field.fill(`${code.slice(0, -1)}${code.endsWith('7') ? '8' : '7'}`)
    await expect(page.getByText('There is a typing error in it.')).toBeVisible()
    await look(page, 'unlock-code')
    await field.fill(code.toLowerCase())
    await page.getByRole('textbox', { name: 'New passphrase', exact: true }).fill(next)
    await page.getByRole('textbox', { name: 'Repeat new passphrase' }).fill(next)
    await page.getByRole('button', { name: 'Set passphrase and unlock' }).click()
    await expect(main).toBeVisible(slow)
    await lock.click()
    await unlock.try(forgotten)
    await expect(page.getByText('The passphrase does not open this workspace')).toBeVisible(slow)
    await unlock.unlock(next)
  })

  await test.step('settings replace the code', async () => {
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'Replace' }).click()
    const dialog = page.getByRole('dialog', { name: 'New recovery code' })
    const replaced = await readCode(page)
    await look(page, 'settings-code')
    await confirmCode(page, replaced)
    await dialog.getByRole('textbox', { name: 'Passphrase' }).fill(next)
    await dialog.getByRole('button', { name: 'Use this code' }).click()
    await expect(dialog).toBeHidden(slow)
    await page.getByRole('link', { name: 'Activity' }).click()
    await expect(page.getByRole('grid', { name: 'Activity' })).toContainText('made a recovery code')
  })

  await test.step('the code from before opens nothing any more', async () => {
    await lock.click()
    await page.getByRole('button', { name: 'Use the recovery code' }).click()
    await page.getByRole('textbox', { name: 'Recovery code' }).fill(code)
    await page.getByRole('textbox', { name: 'New passphrase', exact: true }).fill(forgotten)
    await page.getByRole('textbox', { name: 'Repeat new passphrase' }).fill(forgotten)
    await page.getByRole('button', { name: 'Set passphrase and unlock' }).click()
    await expect(page.getByText('The recovery code does not open this workspace')).toBeVisible(slow)
    await page.getByRole('button', { name: 'Use the passphrase' }).click()
    await unlock.unlock(next)
  })
})

test('the passphrase is changed in settings, against the present one', async ({ page }) => {
  const firstRun = new FirstRunPage(page)
  await firstRun.describe('Kestrel & Co', 'Ada Accountant')
  await firstRun.passphrase.fill(forgotten)
  await firstRun.repeated.fill(forgotten)
  await firstRun.toCode.click()
  await firstRun.keepCode()
  await firstRun.create.click()
  await page.getByRole('link', { name: 'Settings' }).click(slow)
  await page.getByRole('button', { name: 'Change passphrase' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change the passphrase' })
  await look(page, 'settings-passphrase')
  const present = dialog.getByRole('textbox', { name: 'Present passphrase' })
  await present.fill(next)
  await dialog.getByRole('textbox', { name: 'New passphrase', exact: true }).fill(next)
  await dialog.getByRole('textbox', { name: 'Repeat new passphrase' }).fill(next)
  const change = dialog.getByRole('button', { name: 'Change passphrase' })
  await change.click()
  await expect(dialog.getByText('The passphrase does not open this workspace')).toBeVisible(slow)
  await present.fill(forgotten)
  await change.click()
  await expect(dialog).toBeHidden(slow)
  await page.getByRole('button', { name: 'Lock' }).click()
  await new UnlockPage(page).unlock(next)
})
