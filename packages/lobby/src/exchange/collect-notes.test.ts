/** Notes never make a bundle that cannot be written, or that the other side would refuse to read. */
import { expect, it } from 'vitest'
import { applyImport } from '../import/apply.ts'
import { planImport } from '../import/plan.ts'
import { fill, openOffice } from '../fixture-office.ts'
import { ownIdentity } from '../identity/own-identity.ts'
import { pace } from '../pace.ts'
import { openState } from '../state.ts'
import { receivedFrom } from './answers.ts'
import { collectNotes } from './collect-notes.ts'
import { exportBundle } from './export-bundle.ts'
import { packVault } from './pack-vault.ts'

async function exchanged() {
  const [client, firm] = await Promise.all([openOffice('client'), openOffice('firm')])
  await ownIdentity(client, { party: 'client' })
  await ownIdentity(firm, { party: 'firm' })
  const ids = Array.from({ length: 30 }, (_, at) => `o-${at}`)
  await fill(client, 'books', { orders: Object.fromEntries(ids.map((id) => [id, { n: 1 }])) })
  await firm.openVault('books')
  const { container, keys } = await exportBundle(client, { party: 'firm', vaults: [{ vault: 'books' }] })
  const into = Object.fromEntries(Object.keys(keys).map((handle) => [handle, 'books']))
  const plan = await planImport(firm, { container, keys, into, strategy: 'three-way' })
  return { firm, plan, ids }
}

const packedFor = { exchangeId: 'next', exportedAt: '2026-05-01T10:00:00.000Z', bodyFormat: 1 } as const

it('tells as many deletions as there is room for; the rest follow with the next message', async () => {
  const { firm, plan, ids } = await exchanged()
  await applyImport(firm, plan)
  const orders = (await firm.openVault('books')).collection('orders')
  for (const id of ids) await orders.delete(id)
  const state = await openState(firm)
  const input = { vault: 'books' }
  const packed = await packVault(firm, input, packedFor)
  const received = await receivedFrom(state, 'client')
  const request = { party: 'client', input, received, tombstones: true }
  const few = await collectNotes(state, packed, { ...request, bytes: 1_100 }, pace(undefined))
  expect(few.deleted.length).toBeGreaterThan(0)
  expect(few.deleted.length).toBeLessThan(ids.length)
  const all = await collectNotes(state, packed, { ...request, bytes: 100_000 }, pace(undefined))
  expect(all.deleted).toHaveLength(ids.length)
})

it('leaves out what no reader takes', async () => {
  const { firm, plan } = await exchanged()
  await applyImport(firm, plan)
  const state = await openState(firm)
  const [row] = await state.journal.list()
  if (row === undefined) throw new Error('expected an import')
  const fault = { code: 'VALIDATION_ERROR', message: 'Too long.' } as const
  const left = { vault: 'books', collection: 'orders', fault }
  const excluded = [
    { ...left, id: 'x'.repeat(600) },
    { ...left, id: 'ok' },
    { ...left, id: 'o', collection: '_bases' },
  ]
  await state.journal.put(row.id, { ...row, excluded })
  const input = { vault: 'books' }
  const packed = await packVault(firm, input, packedFor)
  const received = await receivedFrom(state, 'client')
  const request = { party: 'client', input, received, tombstones: false, bytes: 100_000 }
  const { leftOut } = await collectNotes(state, packed, request, pace(undefined))
  expect(leftOut).toEqual([{ collection: 'orders', id: 'ok', exchangeId: row.exchangeId }])
})
