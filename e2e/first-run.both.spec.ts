// The first quarter of an hour: make a workspace, lock it, open it again, and try the demo with its three bundles.
import { expect, test, type RunningConsole } from './fixtures.ts'
import { FirstRunPage } from './pages/first-run-page.ts'
import { ImportWizard } from './pages/import-wizard.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.setTimeout(180_000)

const passphrase = 'four unrelated words work'

test('create a workspace, lock it, and unlock it with the right passphrase only', async ({ page }) => {
  const firstRun = new FirstRunPage(page)
  await firstRun.describe('Kestrel & Co', 'Ada Accountant')

  await firstRun.passphrase.fill('abc')
  await expect(firstRun.strength).toHaveAttribute('aria-valuenow', /^[01]$/)
  await firstRun.passphrase.fill(passphrase)
  await expect(firstRun.strength).toHaveAttribute('aria-valuenow', /^[34]$/)
  await expect(firstRun.toCode).toBeDisabled()
  await firstRun.repeated.fill('four unrelated birds')
  await expect(page.getByText('The two passphrases differ.')).toBeVisible()
  await expect(firstRun.toCode).toBeDisabled()
  await firstRun.repeated.fill(passphrase)
  await firstRun.toCode.click()
  await expect(firstRun.create).toBeDisabled()
  await firstRun.keepCode()
  await firstRun.create.click()

  await expect(page.getByRole('heading', { name: 'No clients yet' })).toBeVisible(slow)
  await expect(page.getByRole('navigation', { name: 'Main' })).toContainText('Ada Accountant')
  await page.getByRole('button', { name: 'Lock' }).click()

  const unlock = new UnlockPage(page)
  await expect(page.getByRole('heading', { name: 'Kestrel & Co' })).toBeVisible()
  await expect(unlock.passphrase).toBeFocused()
  await unlock.try('four unrelated birds work')
  await expect(page.getByText('The passphrase does not open this workspace')).toBeVisible(slow)
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden()
  await unlock.unlock(passphrase)
})

test('a passphrase that is easy to guess is refused', async ({ page }) => {
  const firstRun = new FirstRunPage(page)
  await firstRun.describe('Kestrel & Co', 'Ada Accountant')
  await firstRun.passphrase.fill('abcabc')
  await firstRun.repeated.fill('abcabc')
  await firstRun.toCode.click()
  await expect(page.getByRole('alert')).toContainText('This passphrase is too easy to guess')
  await expect(page.getByRole('alert')).toContainText('Nothing was changed.')
})

test('demo: a good bundle comes in, a damaged one is refused in words', async ({ console }) => {
  const { page } = console
  const firstRun = new FirstRunPage(page)
  await firstRun.chooseDemo()
  await firstRun.describe('Marlow & Partners', 'Ada Accountant')
  await firstRun.passphrase.fill(passphrase)
  await firstRun.repeated.fill(passphrase)
  await firstRun.create.click()
  await expect(page.getByRole('heading', { name: 'Clients', exact: true })).toBeVisible(slow)
  await expect(page.getByText('12 clients')).toBeVisible()

  const wizard = new ImportWizard(console)
  await wizard.open()
  const folder = await demoFolder(console)
  await refuseDamaged(wizard, folder)
  await expect(page.getByRole('link', { name: 'Conflicts', exact: true })).toBeVisible()
  await page.getByRole('link', { name: 'Imports' }).first().click()
  await expect(page.getByRole('heading', { name: 'Nothing imported yet' })).toBeVisible()

  await wizard.open()
  await wizard.choose(`${folder}/1-two-clients.noydb`)
  await expect(page.getByRole('region', { name: 'Sender' })).toContainText('Signed by')
  await wizard.giveKey(`${folder}/1-two-clients.keys.json`)
  await wizard.check('Merge, ask about overlaps')
  await expect(wizard.plan).toBeVisible(slow)
  const words = (await page.getByText(/^What would happen: /).textContent()) ?? ''
  expect(words).toMatch(/^What would happen: 5 added, \d+ changed, \d+ to decide, none removed\.$/)
  await wizard.apply()
  await wizard.applied(words.replace('What would happen: ', '').replace(/\.$/, ''))
  const toDecide = /(\d+) to decide/.exec(words)?.[1] ?? ''
  await expect(page.getByRole('link', { name: `Conflicts ${toDecide}` })).toBeVisible()
})

async function demoFolder({ page }: RunningConsole): Promise<string> {
  const heading = page.getByRole('region', { name: 'Demo bundles' }).getByRole('heading')
  return ((await heading.textContent()) ?? '').replace(/^The demo’s bundles are in /, '')
}

/** Said before any key is asked for, and nowhere to go from there. */
async function refuseDamaged(wizard: ImportWizard, folder: string): Promise<void> {
  await wizard.choose(`${folder}/3-damaged.noydb`)
  await expect(wizard.failure).toContainText('The bundle is damaged or incomplete', slow)
  await expect(wizard.failure).toContainText('no client was touched')
  await expect(wizard.toKey).toBeHidden()
}
