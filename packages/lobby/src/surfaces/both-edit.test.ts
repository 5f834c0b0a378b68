/** Both offices edit the same records while deliveries are lost, late or taken back: what both did goes together. */
import { beforeEach, describe, expect, it } from 'vitest'
import { memory } from '@noy-db/hub/memory'
import { fill } from '../fixture-office.ts'
import { undoImport } from '../import/undo.ts'
import { openState } from '../state.ts'
import { applySurface, type RecordRef } from './apply-surface.ts'
import { ExchangeRows } from './exchange-rows.ts'
import { exportSurface } from './export-surface.ts'
import { surfaceReceipt, takeSurfaceReceipt } from './receipt.ts'
import { agreeBetween, openParty, type Party } from './testing/parties.ts'

type Sent = Awaited<ReturnType<typeof exportSurface>>

interface Office extends Party {
  readonly vault: string
}

let id: string
let firm: Office
let client: Office

beforeEach(async () => {
  firm = { ...(await openParty('firm', memory())), vault: 'acme' }
  client = { ...(await openParty('client', memory())), vault: 'books' }
  await fill(firm.db, 'acme', {
    partners: { p1: { name: 'one', email: 'a@x' }, p2: { name: 'two', email: 'b@x' } },
  })
  await client.db.openVault('books')
  id = await agreeBetween(firm, client)
})

async function send({ db, vault, surfaces, gate, clock }: Office): Promise<Sent> {
  clock.now += 1000
  return exportSurface(await db.openVault(vault), await surfaces.get(id), gate)
}

async function take(
  { db, vault, surfaces, gate, clock }: Office,
  sent: Sent,
  exclude: readonly RecordRef[] = [],
) {
  clock.now += 1000
  const row = await surfaces.get(id)
  const options = { ...gate, exclude }
  const report = await applySurface(
    await db.openVault(vault),
    row,
    sent.bundleBytes,
    sent.transferKey,
    options,
  )
  return report.importId ?? ''
}

async function acknowledge(by: Office, to: Office) {
  return takeSurfaceReceipt(to.state, await surfaceReceipt(by.state, id, by.gate))
}

async function edit({ db, vault }: Office, key: string, change: object): Promise<void> {
  const rows = (await db.openVault(vault)).collection<object>('partners')
  await rows.put(key, { ...(await rows.get(key)), ...change })
}

async function read({ db, vault }: Office, key: string): Promise<unknown> {
  return (await db.openVault(vault)).collection<object>('partners').get(key)
}

async function openConflicts({ db }: Office): Promise<number> {
  return (await (await openState(db)).index.list()).filter(({ status }) => status === 'open').length
}

describe('edits of both offices', () => {
  it('go together where a delivery with one of them was lost', async () => {
    await take(client, await send(firm))
    await edit(firm, 'p1', { email: 'new@x' })
    await send(firm)
    await edit(client, 'p1', { name: 'One & Co' })
    await take(firm, await send(client))
    expect(await openConflicts(firm)).toBe(0)
    expect(await read(firm, 'p1')).toEqual({ id: 'p1', name: 'One & Co', email: 'new@x' })
    await take(client, await send(firm))
    expect(await read(client, 'p1')).toEqual({ id: 'p1', name: 'One & Co', email: 'new@x' })
    expect(await openConflicts(client)).toBe(0)
  })

  it('go together where a receipt came, and the delivery after it was lost', async () => {
    await take(client, await send(firm))
    await acknowledge(client, firm)
    await edit(firm, 'p1', { email: 'new@x' })
    await send(firm)
    await edit(client, 'p1', { name: 'One & Co' })
    const answer = await send(client)
    await edit(firm, 'p2', { email: 'second@x' })
    await take(client, await send(firm))
    await take(firm, answer)
    expect([await openConflicts(firm), await openConflicts(client)]).toEqual([0, 0])
    expect(await read(firm, 'p1')).toEqual({ id: 'p1', name: 'One & Co', email: 'new@x' })
    expect(await read(client, 'p1')).toEqual({ id: 'p1', name: 'One & Co', email: 'new@x' })
  })

  it('an edit of a record that was left out by name is not taken back by an answer', async () => {
    await take(client, await send(firm))
    await edit(firm, 'p1', { email: 'new@x' })
    await take(client, await send(firm), [{ collection: 'partners', id: 'p1' }])
    await edit(client, 'p1', { name: 'One & Co' })
    await take(firm, await send(client))
    expect(await read(firm, 'p1')).toEqual({ id: 'p1', name: 'One & Co', email: 'new@x' })
  })

  it('of an import that was taken back, are no base any more, and everything is asked for again', async () => {
    await take(client, await send(firm))
    await acknowledge(client, firm)
    await edit(firm, 'p1', { email: 'new@x' })
    const importId = await take(client, await send(firm))
    await edit(firm, 'p2', { email: 'second@x' })
    await take(client, await send(firm))
    await undoImport(client.db, importId)
    expect(await acknowledge(client, firm)).toMatchObject({ sequence: 3, fullNeeded: true })
    const full = await send(firm)
    expect(full.exchange).toMatchObject({ base: null, records: 2 })
    await take(client, full)
    expect(await read(client, 'p1')).toEqual({ id: 'p1', name: 'one', email: 'new@x' })
    expect(await acknowledge(client, firm)).toMatchObject({ sequence: 4, fullNeeded: false })
  })
})

describe('what a party says it took', () => {
  it('is on deliveries and receipts alike, and what comes late takes nothing back', async () => {
    await take(client, await send(firm))
    const early = await surfaceReceipt(client.state, id, client.gate)
    const second = await send(firm)
    await take(client, second)
    const said = await acknowledge(client, firm)
    expect(said.taken).toHaveLength(2)
    expect(said.taken?.at(-1)).toBe(second.exchange?.exchangeId)
    expect((await takeSurfaceReceipt(firm.state, early)).taken).toHaveLength(1)
    const { head } = await new ExchangeRows(firm.state._vault).head(id)
    expect(head.took?.ids).toEqual(said.taken)
  })
})
