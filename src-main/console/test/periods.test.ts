/** Closed periods from one end to the other: closed and reopened, kept by whatever writes, over restarts. */
import { describe, expect, test } from 'vitest'
import { callContext, invoice, newWorkspace, passphrase, testConsole } from './fixture.ts'
import { handOver, key, plan, save, twoOffices } from './two-offices.ts'

const context = callContext()
const may = { months: ['2026-05'] }
const refused = { code: 'RULES_BROKEN', details: { broken: [{ rule: 'period-open', period: '2026-05' }] } }

describe('a closed period', () => {
  test('is shown where its records are, and refuses their edits until it is reopened', async () => {
    const { firm, vaultId } = await twoOffices()
    await firm.periods.close({ vaultIds: [vaultId], periods: may, reason: 'VAT is filed' })
    expect((await firm.clients.list())[0]?.lastClosed).toBe('2026-05')
    expect(await firm.periods.get(vaultId)).toMatchObject({
      through: null,
      months: [{ period: '2026-05', by: 'Anna Berger', reason: 'VAT is filed' }],
    })
    const request = { vaultId, collection: 'invoices', search: '', offset: 0, limit: 10 }
    expect((await firm.clients.records(request)).rows.map(({ closed }) => closed)).toEqual([true, true, true])
    const { record, version, closed } = await firm.clients.record(key(vaultId))
    expect(closed).toMatchObject({ period: '2026-05', by: 'Anna Berger' })

    await expect(save(firm, vaultId, 'inv-1', { notes: 'x' })).rejects.toMatchObject(refused)
    await expect(save(firm, vaultId, 'inv-9', { number: '9' })).rejects.toMatchObject(refused)
    await expect(save(firm, vaultId, 'inv-1', { issueDate: '2026-06-01' })).rejects.toMatchObject(refused)
    expect(await firm.clients.record(key(vaultId))).toMatchObject({ record, version })
    await save(firm, vaultId, 'inv-9', { number: '9', issueDate: '2026-06-01', dueDate: '2026-07-01' })

    await save(firm, vaultId, 'inv-1', { notes: 'x' }, 'the auditor asked for it')
    expect((await firm.periods.exceptions({ offset: 0, limit: 9 })).rows).toMatchObject([
      { id: 'inv-1', rule: 'period-open', reason: 'the auditor asked for it', actor: 'Anna Berger' },
    ])
    await firm.periods.reopen({ vaultIds: [vaultId], ...may, reason: 'a late bill' })
    await save(firm, vaultId, 'inv-1', { notes: 'y' })
    const commands = (await firm.activity.list({ limit: 9 })).rows.map(({ command, reason }) => [
      command,
      reason,
    ])
    expect(commands).toContainEqual(['periods.close', 'VAT is filed'])
    expect(commands).toContainEqual(['periods.reopen', 'a late bill'])
  })

  test('refuses an import, its undo and decisions, by name; with a reason they pass', async () => {
    const { firm, books, vaultId, there } = await twoOffices()
    await save(firm, vaultId, 'inv-1', { shipName: 'Front' })
    await save(books, there, 'inv-1', { shipName: 'Back' })
    await save(books, there, 'inv-2', { notes: 'theirs' })
    const handed = await handOver(books, firm, 'Alder & Co', [there])
    const before = await plan(firm, handed, { vaultId })
    await firm.periods.close({ vaultIds: [vaultId], periods: { through: '2026-05' } })
    // Closed after it was planned: the guard says so.
    const late = firm.imports.apply({ planId: before.planId, exclude: [] }, context)
    await expect(late).rejects.toMatchObject({
      code: 'PERIOD_CLOSED',
      message: expect.stringMatching(
        /^May 2026 is closed for Chevalier since .* Nothing was changed\./,
      ) as string,
    })
    const planned = await plan(firm, handed, { vaultId })
    expect(planned.broken).toMatchObject({
      total: 1,
      rows: [{ id: 'inv-2', broken: [{ period: '2026-05' }] }],
    })
    const bare = firm.imports.apply({ planId: planned.planId, exclude: [] }, context)
    await expect(bare).rejects.toMatchObject({ code: 'RULES_BROKEN' })
    const override = 'received late'
    const { importId } = await firm.imports.apply({ planId: planned.planId, exclude: [], override }, context)

    const [row] = (await firm.conflicts.list({ filter: { status: 'open' }, offset: 0, limit: 1 })).rows
    if (row === undefined) throw new Error('no conflict')
    const ref = { vault: row.vault, collection: row.collection, conflictId: row.conflictId }
    const { rowVersion, recordVersion } = await firm.conflicts.get(ref)
    const expected = { expectRowVersion: rowVersion, expectRecordVersion: recordVersion }
    const request = { ref, resolution: { kind: 'theirs' as const }, ...expected }
    const preview = await firm.conflicts.preview(request)
    expect(preview.broken).toMatchObject([{ period: '2026-05', enforce: 'override' }])
    expect(preview.broken[0]?.message).toMatch(/^May 2026 is closed for Chevalier since/)
    await expect(firm.conflicts.decide(request)).rejects.toMatchObject({ code: 'RULES_BROKEN' })
    const { batchId } = await firm.conflicts.decide({ ...request, override: 'agreed by phone' })

    await expect(firm.conflicts.undo(batchId)).rejects.toMatchObject({ code: 'PERIOD_CLOSED' })
    const { hash, closed } = await firm.imports.planUndo(importId)
    expect(closed).toMatchObject({ total: 2, overridable: true })
    expect(closed.rows.map(({ id }) => id).sort()).toEqual(['inv-1', 'inv-2'])
    expect(closed.rows[0]?.message).toMatch(/^May 2026 is closed for Chevalier since/)
    await expect(firm.imports.undo({ importId, hash }, context)).rejects.toMatchObject({
      code: 'RULES_BROKEN',
    })
    expect((await firm.clients.record(key(vaultId, 'inv-2'))).record).toMatchObject({ notes: 'theirs' })
    await firm.periods.reopen({ vaultIds: [vaultId], ...may, reason: 'taken back' })
    await firm.conflicts.undo(batchId)
    expect(
      (await firm.periods.exceptions({ offset: 0, limit: 9 })).rows.map(({ command }) => command),
    ).toEqual(['conflicts.decide', 'imports.apply'])
  })

  test('takes an undo back out of it with a reason, which is listed as an exception', async () => {
    const { firm, books, vaultId, there } = await twoOffices()
    const { record: before } = await firm.clients.record(key(vaultId, 'inv-2'))
    await save(books, there, 'inv-2', { notes: 'theirs' })
    const planned = await plan(firm, await handOver(books, firm, 'Alder & Co', [there]), { vaultId })
    const { importId } = await firm.imports.apply({ planId: planned.planId, exclude: [] }, context)
    const { hash } = await firm.imports.planUndo(importId)
    // Closed after it was looked at.
    await firm.periods.close({ vaultIds: [vaultId], periods: may })
    const bare = firm.imports.undo({ importId, hash }, context)
    await expect(bare).rejects.toMatchObject({ code: 'RULES_BROKEN' })
    expect((await firm.imports.list())[0]).toMatchObject({ importId, status: 'applied' })
    const override = 'it was the wrong bundle'
    await firm.imports.undo({ importId, hash, override }, context)
    expect((await firm.clients.record(key(vaultId, 'inv-2'))).record).toEqual(before)
    expect((await firm.periods.exceptions({ offset: 0, limit: 9 })).rows).toMatchObject([
      { id: 'inv-2', rule: 'period-open', reason: override, command: 'imports.undo', origin: importId },
    ])
  })

  test('of a client that an import makes is none', async () => {
    const { firm, vaultId } = await twoOffices()
    await firm.periods.close({ vaultIds: [vaultId], periods: { through: '2026-12' } })
    await firm.clients.create({ name: 'New', key: 'new' })
    const { vaultId: other } = (await firm.clients.list()).find(({ key: one }) => one === 'new') ?? {
      vaultId: '',
    }
    await save(firm, other, 'inv-1', {})
  })

  test('holds over a restart, for every client it was closed for', async () => {
    const first = await newWorkspace()
    const made = []
    for (const name of ['one', 'two', 'three']) made.push(await first.clients.create({ name, key: name }))
    const vaultIds = made.map(({ vaultId }) => vaultId)
    await first.periods.close({ vaultIds, periods: { through: '2026-06' } })
    await first.close()
    const { file, folder } = first
    const again = testConsole({ file }, folder)
    await again.workspace.unlock(passphrase)
    expect((await again.clients.list()).map(({ lastClosed }) => lastClosed)).toEqual([
      '2026-06',
      '2026-06',
      '2026-06',
    ])
    for (const vaultId of vaultIds) {
      const edit = { ...key(vaultId), record: invoice, expectedVersion: 0 }
      await expect(again.clients.saveRecord(edit)).rejects.toMatchObject(refused)
      // Past everything that judges: the guard itself.
      const write = again.session.use(async (open) => {
        await (await open.vault(vaultId)).collection('invoices').put('x', invoice)
      })
      await expect(write).rejects.toMatchObject({ code: 'PERIOD_CLOSED', details: { vault: vaultId } })
    }
    await again.periods.reopen({ vaultIds, months: ['2026-05', '2026-06'], reason: 'new figures' })
    expect((await again.clients.list()).map(({ lastClosed }) => lastClosed)).toEqual([
      '2026-04',
      '2026-04',
      '2026-04',
    ])
    expect((await again.activity.verify(undefined, context)).every(({ ok }) => ok)).toBe(true)
  })

  test('is closed for nobody where one of the clients is not there', async () => {
    const { firm, vaultId } = await twoOffices()
    const close = firm.periods.close({ vaultIds: [vaultId, 'clients--gone'], periods: may })
    await expect(close).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await firm.periods.get(vaultId)).months).toEqual([])
  })
})
