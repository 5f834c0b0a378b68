// The shorter month end in a real window: one bundle in, some conflicts decided, the window closed and opened again in
// the middle, the rest decided. The store on SQLite.
import { join } from 'node:path'
import { expect, test, workspaceName } from './fixtures.ts'
import { passphrase, storedContents, verifyAudit } from './northwind/ask.ts'
import { expectedConflicts } from './northwind/decisions.ts'
import { received } from './northwind/received.ts'
import { ConflictsPage } from './pages/conflicts-page.ts'
import { ImportWizard } from './pages/import-wizard.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'northwind' })
test.setTimeout(300_000)

test('close the window in the middle of the queue, and go on where it was', async ({ dataDir, start }) => {
  const file = join(dataDir, workspaceName)
  const expected = new Map(
    expectedConflicts().flatMap((conflict) => (conflict.nth >= 36 ? [[conflict.id, conflict]] : [])),
  )
  const keptOurs: string[] = []

  await test.step('import a bundle and decide five conflicts', async () => {
    const running = await start()
    await new UnlockPage(running.page).unlock(passphrase)
    await new ImportWizard(running).import(received(dataDir, 2), '2 added, 24 to decide, none removed')
    const conflicts = new ConflictsPage(running.page)
    await conflicts.open()
    for (const side of ['theirs', 'ours', 'theirs', 'ours', 'theirs'] as const) {
      if (side === 'ours') keptOurs.push(await conflicts.current())
      await conflicts.decide(side)
    }
    await conflicts.expectPosition(1, 19)
    await running.stop()
  })

  await test.step('open again: nineteen are left; decide them by a rule', async () => {
    const running = await start()
    await new UnlockPage(running.page).unlock(passphrase)
    await expect(running.page.getByRole('link', { name: 'Conflicts 19' })).toBeVisible()
    const conflicts = new ConflictsPage(running.page)
    await conflicts.open()
    await conflicts.expectPosition(1, 19)
    await conflicts.decideMany({ take: 'B, as received' }, 19)
    await expect(conflicts.nothingLeft).toBeVisible()
    await running.stop()
  })

  const { conflicts, invoices } = await storedContents(file)
  expect(conflicts.map(({ recordId }) => recordId).sort()).toEqual([...expected.keys()].sort())
  expect(conflicts.map(({ status }) => status)).toEqual(Array(24).fill('decided'))
  expect(keptOurs).toHaveLength(2)
  for (const { id, company, ours, theirs } of expected.values()) {
    expect(invoices[company]?.[id]).toEqual(keptOurs.includes(id) ? ours : theirs)
  }
  expect((await verifyAudit(file)).ok).toBe(true)
})
