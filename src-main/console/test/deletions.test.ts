/** Records deleted at the sender: silent unless told, removed only where nobody changed them here, and brought back by undo. */
import { expect, test } from 'vitest'
import { context, handOver, key, plan, save, twoOffices } from './two-offices.ts'

test('left out by name, nothing has to be accepted', async () => {
  const { firm, books, vaultId, there } = await twoOffices()
  await books.session.use(async (open) => (await open.vault(there)).collection('invoices').delete('inv-1'))
  const told = await handOver(books, firm, 'Alder & Co', [there], { form: 'file' }, { deletions: true })
  const { planId } = await plan(firm, told, { vaultId })
  const exclude = [{ vault: vaultId, collection: 'invoices', id: 'inv-1' }]
  await firm.imports.apply({ planId, exclude }, context)
  expect((await firm.clients.record(key(vaultId, 'inv-1'))).record).toMatchObject({ number: '1' })
})

test('travel only where the sender says so; what was changed here is asked about', async () => {
  const { firm, books, vaultId, there } = await twoOffices()
  await books.session.use(async (open) => {
    const invoices = (await open.vault(there)).collection('invoices')
    await invoices.delete('inv-1')
    await invoices.delete('inv-2')
  })
  await save(firm, vaultId, 'inv-2', { notes: 'still needed' })
  const silent = await plan(firm, await handOver(books, firm, 'Alder & Co', [there]), { vaultId })
  expect(silent.counts).toMatchObject({ delete: 0, queue: 0 })

  const told = await handOver(books, firm, 'Alder & Co', [there], { form: 'file' }, { deletions: true })
  const planned = await plan(firm, told, { vaultId })
  expect(planned.counts).toMatchObject({ delete: 1, queue: 1 })
  const { rows } = await firm.imports.planRows({
    planId: planned.planId,
    outcome: 'delete',
    offset: 0,
    limit: 9,
  })
  expect(rows).toMatchObject([{ title: 'Invoice 1', vaultName: 'Chevalier' }])
  const { planId } = planned
  const unasked = firm.imports.apply({ planId, exclude: [] }, context)
  await expect(unasked).rejects.toMatchObject({ code: 'REMOVALS_REFUSED', details: { removals: 1 } })
  expect((await firm.clients.record(key(vaultId, 'inv-1'))).record).toMatchObject({ number: '1' })
  const { importId } = await firm.imports.apply({ planId, exclude: [], acceptRemovals: true }, context)
  await expect(firm.clients.record(key(vaultId, 'inv-1'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await firm.clients.record(key(vaultId, 'inv-2'))).record).toMatchObject({ notes: 'still needed' })

  const { hash } = await firm.imports.planUndo(importId)
  await firm.imports.undo({ importId, hash }, context)
  expect((await firm.clients.record(key(vaultId, 'inv-1'))).record).toMatchObject({ number: '1' })
})
