/** The template's rules where decisions and imports are written: previewed and enforced by one and the same. */
import { expect, test } from 'vitest'
import type { FieldPickView, ResolutionView } from '../../../src-shared/ipc/conflicts.ts'
import { callContext, type TestConsole } from './fixture.ts'
import { handOver, key, plan, save, twoOffices } from './two-offices.ts'

const context = callContext()
const [ours, theirs]: FieldPickView[] = [{ pick: 'ours' }, { pick: 'theirs' }]

/** Amounts that hold for the lines of the fixture's invoice. */
const amounts = (freight: number) => ({
  freight,
  net: 26_600 + freight,
  vat: 1000,
  total: 27_600 + freight,
})

/** Both sides changed the freight of so many invoices, and the sums with it. */
async function conflicts(...numbers: string[]) {
  const offices = await twoOffices()
  const { firm, books, vaultId, there } = offices
  for (const number of numbers) {
    await save(firm, vaultId, `inv-${number}`, amounts(3338))
    await save(books, there, `inv-${number}`, amounts(3438))
  }
  const { planId } = await plan(firm, await handOver(books, firm, 'Alder & Co', [there]), { vaultId })
  await firm.imports.apply({ planId, exclude: [] }, context)
  return offices
}

async function firstConflict(firm: TestConsole) {
  const [row] = (await firm.conflicts.list({ filter: { status: 'open' }, offset: 0, limit: 1 })).rows
  if (row === undefined) throw new Error('no conflict')
  const ref = { vault: row.vault, collection: row.collection, conflictId: row.conflictId }
  const { rowVersion, recordVersion } = await firm.conflicts.get(ref)
  return { ref, expectRowVersion: rowVersion, expectRecordVersion: recordVersion }
}

const exceptionsOf = async (firm: TestConsole) =>
  (await firm.periods.exceptions({ offset: 0, limit: 100 })).rows

test('a preview says which rules the result would break that hold now', async () => {
  const { firm } = await conflicts('1')
  const { ref } = await firstConflict(firm)
  const brokenBy = async (resolution: ResolutionView) =>
    (await firm.conflicts.preview({ ref, resolution })).broken.map(({ rule }) => rule)
  expect(await brokenBy({ kind: 'theirs' })).toEqual([])
  const freight = { kind: 'fields' as const, picks: { freight: theirs, net: ours, total: ours } }
  expect(await brokenBy(freight as ResolutionView)).toEqual(['lines-sum'])
  const total = { kind: 'fields' as const, picks: { freight: ours, net: ours, total: theirs } }
  expect(await brokenBy(total as ResolutionView)).toEqual(['total'])
})

test('a decision against a rule is refused without a reason, reported with one, and undone like any other', async () => {
  const { firm, vaultId } = await conflicts('1')
  const conflict = await firstConflict(firm)
  const resolution = { kind: 'fields', picks: { freight: { pick: 'theirs' } } } as const
  const request = { ...conflict, resolution: { ...resolution, picks: { ...resolution.picks } } }
  const before = (await firm.clients.record(key(vaultId))).record
  await expect(firm.conflicts.decide(request)).rejects.toMatchObject({ code: 'RULES_BROKEN' })
  expect((await firm.clients.record(key(vaultId))).record).toEqual(before)
  expect(await exceptionsOf(firm)).toEqual([])

  const { batchId } = await firm.conflicts.decide({ ...request, override: 'as on the carrier’s bill' })
  expect((await firm.clients.record(key(vaultId))).record).toMatchObject({ freight: 3438, net: 29_938 })
  expect(await exceptionsOf(firm)).toMatchObject([
    {
      vaultName: 'Chevalier',
      title: 'Invoice 1',
      rule: 'lines-sum',
      message: 'Lines and freight add up to the net amount.',
      reason: 'as on the carrier’s bill',
      actor: 'Anna Berger',
      command: 'conflicts.decide',
      origin: batchId,
    },
  ])
  expect(await firm.conflicts.undo(batchId)).toEqual({ undone: 1, remaining: 1 })
  expect((await firm.clients.record(key(vaultId))).record).toEqual(before)
})

test('what a record broke before is not asked again', async () => {
  const { firm, books, vaultId, there } = await twoOffices()
  const wrong = { ...amounts(3338), net: 1, vat: 0, total: 1 }
  await save(firm, vaultId, 'inv-1', { ...wrong, shipName: 'Front' }, 'as it came')
  await save(books, there, 'inv-1', { ...wrong, shipName: 'Back' }, 'as it came')
  const { planId } = await plan(firm, await handOver(books, firm, 'Alder & Co', [there]), { vaultId })
  await firm.imports.apply({ planId, exclude: [] }, context)
  const conflict = await firstConflict(firm)
  const decided = await firm.conflicts.decide({ ...conflict, resolution: { kind: 'theirs' } })
  expect(decided).toMatchObject({ decided: 1 })
})

test('a rule over many names those that break a rule, and leaves them unless it is told why', async () => {
  const { firm } = await conflicts('1', '2')
  await save(firm, (await firstConflict(firm)).ref.vault, 'inv-3', amounts(3338))
  // Since they were queued, the sums of one were corrected to be those of the sender.
  const { ref } = await firstConflict(firm)
  await save(firm, ref.vault, 'inv-1', { ...amounts(3338), net: 30_038, total: 31_038 }, 'on its way')
  await firm.periods.close({ vaultIds: [ref.vault], periods: { months: ['2026-05'] } })
  const rule = { take: 'theirs' as const, onlyFields: [] }
  const filter = { status: 'open' as const }
  const preview = await firm.conflicts.previewMany({ filter, rule }, context)
  expect(preview).toMatchObject({ matching: 0, left: 2, against: { total: 2, overridable: 2 } })
  expect(preview.against.byRule).toEqual([
    { message: 'The invoice is issued in a period that is closed.', enforce: 'override', count: 2 },
  ])
  expect(preview.against.rows.map(({ title, broken }) => [title, broken[0]?.message])).toContainEqual([
    'Invoice 1',
    expect.stringMatching(/^May 2026 is closed for Chevalier since /),
  ])
  const forced = { filter, rule: { ...rule, override: true } }
  const { hash, matching, against } = await firm.conflicts.previewMany(forced, context)
  expect([matching, against.total]).toEqual([2, 2])
  const blank = firm.conflicts.decideMany({ ...forced, hash }, context)
  await expect(blank).rejects.toMatchObject({ code: 'RECORD_INVALID' })
  await firm.conflicts.decideMany({ ...forced, hash, reason: 'late corrections' }, context)
  expect((await exceptionsOf(firm)).map(({ rule: name, command }) => [name, command])).toEqual(
    [
      ['period-open', 'conflicts.decideMany'],
      ['period-open', 'conflicts.decideMany'],
    ].concat([['lines-sum', 'clients.saveRecord']]),
  )
})

test('an import says what would break, changes of amounts with it, and wants a reason or has rows left out', async () => {
  const { firm, books, vaultId, there } = await twoOffices()
  await save(books, there, 'inv-1', { ...amounts(3338), net: 99 }, 'typed so')
  await save(books, there, 'inv-2', amounts(3438))
  const handed = await handOver(books, firm, 'Alder & Co', [there])
  const planned = await plan(firm, handed, { vaultId })
  expect(planned).toMatchObject({
    counts: { update: 2, refuse: 0 },
    perVault: [{ broken: 1 }],
    broken: { total: 1, rows: [{ title: 'Invoice 1', outcome: 'update' }] },
  })
  expect(planned.broken.rows[0]?.broken.map(({ rule }) => rule)).toEqual(['lines-sum', 'total'])
  expect(planned.amounts).toContainEqual(
    expect.objectContaining({
      name: 'Chevalier',
      collection: 'Invoices',
      label: 'Freight',
      delta: 300,
      records: 2,
    }),
  )
  const request = { planId: planned.planId, broken: true, offset: 0, limit: 10 }
  expect((await firm.imports.planRows(request)).rows).toMatchObject([{ id: 'inv-1' }])
  const bare = firm.imports.apply({ planId: planned.planId, exclude: [] }, context)
  await expect(bare).rejects.toMatchObject({ code: 'RULES_BROKEN', details: { rows: [{ id: 'inv-1' }] } })
  expect(await firm.imports.list()).toEqual([])

  const [row] = planned.broken.rows
  const exclude = row === undefined ? [] : [{ vault: row.vault, collection: row.collection, id: row.id }]
  const without = await firm.imports.apply({ planId: planned.planId, exclude }, context)
  expect(without).toMatchObject({ counts: { update: 1 }, excluded: [{ id: 'inv-1' }] })
  const undo = await firm.imports.planUndo(without.importId)
  await firm.imports.undo({ importId: without.importId, hash: undo.hash }, context)

  const again = await plan(firm, handed, { vaultId })
  const { importId } = await firm.imports.apply(
    { planId: again.planId, exclude: [], override: 'the paper says so' },
    context,
  )
  expect(await exceptionsOf(firm)).toMatchObject([
    { id: 'inv-1', reason: 'the paper says so', command: 'imports.apply', origin: importId },
    { id: 'inv-1', reason: 'the paper says so' },
  ])
})

test('an edit against a rule is saved with a reason only', async () => {
  const { firm, vaultId } = await twoOffices()
  const edit = save(firm, vaultId, 'inv-1', { ...amounts(3338), total: 1 })
  await expect(edit).rejects.toMatchObject({
    code: 'RULES_BROKEN',
    details: { broken: [{ rule: 'total', path: 'total', enforce: 'override' }] },
  })
  await save(firm, vaultId, 'inv-1', { ...amounts(3338), total: 1 }, 'rounded by the client')
  // What is not against a rule any more leaves no trace, whatever was said.
  await save(firm, vaultId, 'inv-1', { ...amounts(3338), notes: 'x' }, 'just in case')
  expect(await exceptionsOf(firm)).toMatchObject([{ rule: 'total', reason: 'rounded by the client' }])
})
