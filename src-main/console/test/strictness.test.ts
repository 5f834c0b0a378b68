/** How strictly a client is merged: said in one import, remembered for the next, and for that client alone. */
import { expect, test } from 'vitest'
import type { InputOf } from '../../../src-shared/ipc/contract.ts'
import { context, handOver, key, save, twoOffices } from './two-offices.ts'

type Into = InputOf<'imports.plan'>['into'][number]

/** One invoice edited on both sides in different fields, one by the sender alone. */
async function edited() {
  const offices = await twoOffices()
  const { firm, books, vaultId, there } = offices
  await save(firm, vaultId, 'inv-1', { notes: 'ours' })
  await save(books, there, 'inv-1', { dueDate: '2026-07-01' })
  await save(books, there, 'inv-2', { dueDate: '2026-07-02' })
  const counts = async (strictness?: Into['strictness']) => {
    const handed = await handOver(books, firm, 'Alder & Co', [there])
    const handle = (await firm.imports.inspect(handed.bundle)).compartments[0]?.handle ?? ''
    const into = [{ handle, vaultId, strategy: 'three-way' as const, ...(strictness && { strictness }) }]
    return firm.imports.plan({ ...handed, into }, context)
  }
  return { ...offices, counts }
}

test.each([
  [undefined, { merge: 1, update: 1, queue: 0 }],
  [{ invoices: 'record' as const }, { merge: 0, update: 1, queue: 1 }],
  [{ invoices: 'ask' as const }, { merge: 0, update: 0, queue: 2 }],
  [{ contacts: 'ask' as const }, { merge: 1, update: 1, queue: 0 }],
])('%o', async (strictness, expected) => {
  const { counts } = await edited()
  expect((await counts(strictness)).counts).toMatchObject(expected)
})

test('is remembered with the import that was applied, for that client, and can be taken back', async () => {
  const { firm, books, vaultId, there, counts } = await edited()
  await counts({ invoices: 'ask' }) // only looked at
  expect((await firm.imports.strictness()).byVault).toEqual({})
  const { planId } = await counts({ invoices: 'ask', contacts: 'field' })
  await firm.imports.apply({ planId, exclude: [] }, context)
  const known = await firm.imports.strictness()
  expect(known.byVault).toEqual({ [vaultId]: { invoices: 'ask', contacts: 'field' } })
  expect(known.collections).toContainEqual({ name: 'invoices', label: 'Invoices' })

  await save(books, there, 'inv-3', { notes: 'theirs' })
  expect((await counts()).counts).toMatchObject({ update: 0, queue: 1 })
  const later = await counts({})
  expect(later.counts).toMatchObject({ update: 1, queue: 0 })
  await firm.imports.apply({ planId: later.planId, exclude: [] }, context)
  expect((await firm.imports.strictness()).byVault).toEqual({ [vaultId]: {} })
  expect((await firm.clients.record(key(vaultId, 'inv-3'))).record).toMatchObject({ notes: 'theirs' })
})
