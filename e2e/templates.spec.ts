// A template from elsewhere: a faulty one is refused with the place of its fault, a good one is listed.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from './fixtures.ts'
import { chooseFile } from './pages/choose-file.ts'
import { FirstRunPage } from './pages/first-run-page.ts'
import { slow } from './pages/slow.ts'

test.setTimeout(120_000)

test('a template is imported in settings, or refused at the place of its fault', async ({
  console,
  dataDir,
}) => {
  const { page } = console
  const firstRun = new FirstRunPage(page)
  await firstRun.describe('Kestrel & Co', 'Ada Accountant')
  await firstRun.passphrase.fill('four unrelated words work')
  await firstRun.repeated.fill('four unrelated words work')
  await firstRun.toCode.click()
  await firstRun.keepCode()
  await firstRun.create.click()
  await expect(page.getByRole('heading', { name: 'No clients yet' })).toBeVisible(slow)
  await page.getByRole('link', { name: 'Settings' }).click()
  const list = page.getByRole('list', { name: 'Installed templates' })
  await expect(list.getByRole('listitem')).toHaveCount(2)

  const text = await readFile('resources/templates/directory.json', 'utf8')
  const [faulty, good] = [join(dataDir, 'faulty.json'), join(dataDir, 'own.json')]
  await writeFile(good, text.replace('"directory"', '"our-directory"'))
  await writeFile(
    faulty,
    text.replace('"directory"', '"our-directory"').replace('"type": "object"', '"type": "objekt"'),
  )
  const bring = () => page.getByRole('button', { name: 'Import a template' }).click()
  await chooseFile(console, faulty, bring)
  await expect(page.getByRole('alert')).toContainText('The template is faulty at /collections/')
  await expect(list.getByRole('listitem')).toHaveCount(2)
  await chooseFile(console, good, bring)
  await expect(list.getByText('our-directory')).toBeVisible(slow)
  await expect(page.getByRole('alert')).toHaveCount(0)
})
