// Files that claim to be from a known bookkeeper: each doubt stands in the wizard before a key is given, and nothing
// is imported on a doubtful one until a person says so in words.
import { join } from 'node:path'
import { expect, test, type RunningConsole } from './fixtures.ts'
import { ImportWizard } from './pages/import-wizard.ts'
import { ImportsPage } from './pages/imports-page.ts'
import { look } from './pages/look.ts'
import { slow } from './pages/slow.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'senders' })
test.setTimeout(300_000)

interface Doubt {
  readonly file: string
  readonly badge: 'known' | 'key changed'
  readonly sequence: string
  /** Sentences a person accepts one by one; none for what is only said. */
  readonly accept: readonly string[]
}

const outOfOrder = 'Take this bundle out of its order'

const doubts: readonly Doubt[] = [
  {
    file: 'replay',
    badge: 'known',
    sequence: 'No. 1 is older than no. 2, the last you received',
    accept: [outOfOrder],
  },
  {
    file: 'fork',
    badge: 'known',
    sequence: 'Another no. 2 than the one you received',
    accept: [outOfOrder],
  },
  {
    file: 'gap',
    badge: 'known',
    sequence: 'No. 4, but the last was no. 2: 1 bundle missing',
    accept: [],
  },
  {
    file: 'claim',
    badge: 'key changed',
    sequence: 'No. 1 is older than no. 2, the last you received',
    accept: ['I compared the fingerprint with Harbour Bookkeeping; the new key is theirs', outOfOrder],
  },
]

const files = (dataDir: string, name: string) => ({
  bundle: join(dataDir, `${name}.noydb`),
  keys: join(dataDir, `${name}.keys.json`),
})

for (const { file, badge, sequence, accept } of doubts) {
  test(`${file}: said before the key, imported only as accepted`, async ({ console, dataDir }) => {
    const { page } = console
    const { bundle, keys } = files(dataDir, file)
    await new UnlockPage(page).unlock('a letter with no name')
    const wizard = new ImportWizard(console)
    await wizard.open()
    await wizard.choose(bundle)
    const sender = page.getByRole('region', { name: 'Sender' })
    await expect(sender.getByText(badge, { exact: true })).toBeVisible()
    await expect(page.getByRole('definition').filter({ hasText: sequence })).toBeVisible()
    const toAccept = page.getByRole('region', { name: 'To accept' })
    await expect(toAccept.getByRole('checkbox')).toHaveCount(accept.length)
    if (file === 'gap') await expect(page.getByText(/^No\. 3 has not come\. Ask Harbour/)).toBeVisible()
    await look(page, `sender-${file}`)

    await wizard.giveKey(keys)
    await wizard.check('Ask about every change')
    const apply = page.getByRole('button', { name: /^Import \d+ clients?/ })
    await expect(apply).toBeVisible(slow)
    for (const sentence of accept) {
      await expect(apply).toBeDisabled()
      await toAccept.getByRole('checkbox', { name: sentence }).check()
    }
    await expect(apply).toBeEnabled()
    await wizard.apply()
    await applied(console)
  })
}

test('the next one in order asks nothing, and leaving a doubtful one leaves nothing', async ({
  console,
  dataDir,
}) => {
  const { page } = console
  await new UnlockPage(page).unlock('a letter with no name')
  const wizard = new ImportWizard(console)
  await wizard.open()
  await wizard.choose(files(dataDir, 'claim').bundle)
  await expect(page.getByRole('region', { name: 'To accept' })).toBeVisible()
  await expectImports(console, 1)

  await wizard.open()
  await wizard.choose(files(dataDir, 'next').bundle)
  await expect(page.getByRole('definition').filter({ hasText: 'No. 3, right after no. 2' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'To accept' })).toBeHidden()
  await wizard.giveKey(files(dataDir, 'next').keys)
  await wizard.check('Ask about every change')
  await wizard.apply()
  await applied(console)
  await expectImports(console, 2)
})

/** Leaving before would stop it. */
async function applied({ page }: RunningConsole): Promise<void> {
  await expect(page.getByRole('heading', { name: /^Imported 1 client/ })).toBeVisible(slow)
}

async function expectImports({ page }: RunningConsole, count: number): Promise<void> {
  const imports = new ImportsPage(page)
  await imports.open()
  // And the row of the heads.
  await expect(imports.table.getByRole('row')).toHaveCount(count + 1)
}
