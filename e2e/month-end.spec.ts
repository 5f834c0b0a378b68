// Month end at the firm: two bundles of the bookkeeper come in, sixty conflicts are decided by keyboard alone, and
// what is stored afterwards is what the tables say. The browser on the loopback host, the store on SQLite.
import { join } from 'node:path'
import type { Page } from 'playwright/test'
import { expect, test, workspaceName } from './fixtures.ts'
import { passphrase, storedContents, storedRows, verifyAudit } from './northwind/ask.ts'
import { expectedConflicts } from './northwind/decisions.ts'
import { expectDecided, expectOnlyAdded, expectQueued } from './northwind/expect-stored.ts'
import { received } from './northwind/received.ts'
import { ConflictsPage } from './pages/conflicts-page.ts'
import { ImportWizard } from './pages/import-wizard.ts'
import { decideByHand } from './pages/review.ts'
import { UnlockPage } from './pages/unlock-page.ts'

test.use({ scenario: 'northwind' })
test.setTimeout(600_000)

test('two bundles in, sixty conflicts decided by keyboard, stored as computed', async ({
  dataDir,
  start,
}) => {
  const file = join(dataDir, workspaceName)
  const before = await storedRows(file)

  await test.step('import both bundles through the file chooser', async () => {
    const running = await start()
    await new UnlockPage(running.page).unlock(passphrase)
    const wizard = new ImportWizard(running)
    await wizard.import(received(dataDir, 1), '3 added, 36 to decide, none removed')
    await wizard.import(received(dataDir, 2), '2 added, 24 to decide, none removed')
    await expect(running.page.getByRole('link', { name: 'Conflicts 60' })).toBeVisible()
    await running.stop()
  })

  await test.step('sixty are queued with their base, five are added, nothing else is touched', async () => {
    expectOnlyAdded(before, await storedRows(file))
    expectQueued(await storedContents(file))
  })

  const undone = await test.step('decide all sixty by keyboard alone', async () => {
    const running = await start()
    await new UnlockPage(running.page).unlock(passphrase)
    const takenBack = await decideAll(running.page)
    await running.stop()
    return takenBack
  })

  await test.step('open again: the queue is empty and the records are as computed', async () => {
    const running = await start()
    await new UnlockPage(running.page).unlock(passphrase)
    const conflicts = new ConflictsPage(running.page)
    await conflicts.goTo()
    await expect(conflicts.nothingLeft).toBeVisible()
    await running.stop()
    expectDecided(before, await storedRows(file), await storedContents(file), undone)
  })

  await test.step('the audit chains hold', async () => {
    const { ok, vaults } = await verifyAudit(file)
    expect(vaults.filter((vault) => !vault.ok)).toEqual([])
    expect(ok).toBe(true)
    // 89 clients and the workspace itself.
    expect(vaults).toHaveLength(90)
  })
})

/** Returns the invoice whose decision was taken back once. */
async function decideAll(page: Page): Promise<string> {
  const waiting = new Map(expectedConflicts().map((conflict) => [conflict.id, conflict]))
  const conflicts = new ConflictsPage(page)
  await conflicts.open()
  await conflicts.expectPosition(1, 60)

  // A decision with its reason, taken back, and taken again below.
  const undone = await conflicts.current()
  await conflicts.decide('theirs', 'as agreed by phone')
  await conflicts.expectPosition(1, 59)
  await conflicts.undo(60)
  await conflicts.press('Home')
  await conflicts.expectPosition(1, 60)

  // Among them one with amounts of the reviewer's own.
  const own = [...waiting.values()].find(({ nth }) => nth === 0)
  const byHand = await decideByHand(conflicts, waiting)
  expect(byHand).toContain(own?.id)
  expect(waiting.size).toBe(19)

  await conflicts.decideMany({ take: 'B, as received', only: 'Ship to' }, 3)
  await conflicts.expectPosition(1, 16)
  await conflicts.filterByField('Notes')
  await conflicts.decideMany({ take: 'B, as received' }, 16)
  await expect(page.getByRole('link', { name: 'Conflicts', exact: true })).toBeVisible()
  return undone
}
