/** A small bundle costs what it brings: what the store is asked for does not grow with the vault. */
import { expect, it } from 'vitest'
import { createNoydb, type Noydb, type VaultApi } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { countingStore } from '@noy-db/hub/testing'
import { exportBundle } from '../exchange/export-bundle.ts'
import { CHEAP_KDF, fill, openOffice } from '../fixture-office.ts'
import { ownIdentity } from '../identity/own-identity.ts'
import { applyImport } from './apply.ts'
import { planImport, type PlanImportOptions } from './plan.ts'
import { undoImport } from './undo.ts'

const BROUGHT = ['o-1', 'o-2', 'o-3']

function declare(vault: VaultApi): void {
  vault.collection('orders', { large: true })
}

async function pack(client: Noydb): Promise<PlanImportOptions> {
  const orders = { vault: 'books', ids: { orders: BROUGHT } }
  const { container, keys } = await exportBundle(client, {
    party: 'firm',
    vaults: [orders],
    tombstones: true,
  })
  const into = Object.fromEntries(Object.keys(keys).map((handle) => [handle, 'books']))
  return { container, keys, into, strategy: 'three-way', declare }
}

/** Calls of plan, apply and undo of three records into so many; reads of one row, pages and lists of user collections. */
async function callsInto(size: number): Promise<number[]> {
  const client = await openOffice('client')
  await ownIdentity(client, { party: 'client' })
  await fill(client, 'books', { orders: Object.fromEntries(BROUGHT.map((id) => [id, { n: 1 }])) })
  const counted = countingStore(memory())
  const firm = await createNoydb({ store: counted.store, user: 'firm', secret: 's', kdf: CHEAP_KDF })
  const vault = await firm.openVault('books')
  declare(vault)
  const rows = Array.from({ length: size }, (_, at) => ({ id: `o-${at + 10}`, record: { n: at } }))
  await vault.collection('orders').putMany(rows)
  await applyImport(firm, await planImport(firm, await pack(client)))
  await fill(client, 'books', { orders: { 'o-1': { n: 2 }, 'o-2': { n: 2 } } })
  await (await client.openVault('books')).collection('orders').delete('o-3')
  await vault.collection('orders').put('o-2', { id: 'o-2', n: 3 })
  const options = await pack(client)
  counted.calls()
  const plan = await planImport(firm, options)
  expect(plan.counts).toMatchObject({ update: 1, queue: 1, delete: 1 })
  const planning = counted.calls().length
  await applyImport(firm, plan)
  const applying = counted.calls().length
  await undoImport(firm, plan.id)
  return [planning, applying, counted.calls().length]
}

it('plans, applies and undoes three records in a vault of 50 as in one of 2,000', async () => {
  expect(await callsInto(2_000)).toEqual(await callsInto(50))
})
