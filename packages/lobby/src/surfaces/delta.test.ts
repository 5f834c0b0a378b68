/** Only what changed travels, whatever is lost, repeated or overtaken on the way; both logs say the same. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { contents, fill } from '../fixture-office.ts'
import { applySurface } from './apply-surface.ts'
import { compareExchangeLogs, decodeExchangeLog, encodeExchangeLog, listExchanges } from './exchange-log.ts'
import { exportSurface, type ExportSurfaceOptions } from './export-surface.ts'
import { agreeBetween, decideOpen, openParty, places, type Party } from './testing/parties.ts'
import { previewSurface } from './preview-surface.ts'
import { surfaceReceipt, takeSurfaceReceipt, type ReceiptOptions } from './receipt.ts'
import { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import { rowPrefix } from './row-ids.ts'

const disk = places()
const stores: Array<[name: string, make: () => NoydbStore | Promise<NoydbStore>]> = [
  ['memory', memory],
  ['sqlite', disk.sqlite],
]
const id = 'contacts'
let firm: Party
let client: Party
type Sent = Awaited<ReturnType<typeof exportSurface>>

async function open(make: () => NoydbStore | Promise<NoydbStore>): Promise<void> {
  firm = await openParty('firm', await make())
  client = await openParty('client', await make())
  const partners = Object.fromEntries(
    ['p1', 'p2', 'p3'].map((key) => [key, { name: key, email: 'x', tax: 1 }]),
  )
  await fill(firm.db, 'acme', { partners })
  await client.db.openVault('books')
  await agreeBetween(firm, client)
}

beforeEach(() => open(memory))
afterEach(disk.clear)

async function send(options: Partial<ExportSurfaceOptions> = {}): Promise<Sent> {
  const vault = await firm.db.openVault('acme')
  return exportSurface(vault, await firm.surfaces.get(id), { ...firm.gate, ...options })
}

async function take({ bundleBytes, transferKey }: Sent) {
  const vault = await client.db.openVault('books')
  return applySurface(vault, await client.surfaces.get(id), bundleBytes, transferKey, client.gate)
}

async function acknowledge(options: ReceiptOptions = {}): Promise<void> {
  await takeSurfaceReceipt(firm.state, await surfaceReceipt(client.state, id, options))
}

async function partners(party: Party, vault: string) {
  return (await party.db.openVault(vault)).collection<Record<string, unknown>>('partners')
}

async function edit(key: string, change: object): Promise<void> {
  const rows = await partners(firm, 'acme')
  await rows.put(key, { ...(await rows.get(key)), ...change })
}

const counts = ({ exchange }: Sent) => [exchange?.base, exchange?.records, exchange?.gone]

describe.each(stores)('a delta on %s', (_name, make) => {
  it('holds what changed in agreed fields since the last receipt', async () => {
    await open(make)
    const first = await send()
    expect(counts(first)).toEqual([null, 3, 0])
    await take(first)
    expect(counts(await send())).toEqual([null, 3, 0])
    await acknowledge()
    await edit('p1', { tax: 2 })
    await edit('p2', { name: 'two' })
    await (await partners(firm, 'acme')).put('p4', { id: 'p4', name: 'four' })
    const delta = await send()
    expect(counts(delta)).toEqual([1, 2, 0])
    await take(delta)
    expect(await (await partners(client, 'books')).get('p2')).toEqual({ id: 'p2', name: 'two', email: 'x' })
    await acknowledge()
    expect(counts(await send())).toEqual([3, 0, 0])
  })
})

describe('what was sent', () => {
  it('is kept in small rows, of which an export writes those that changed', async () => {
    const rows = await partners(firm, 'acme')
    await rows.putMany(
      Array.from({ length: 500 }, (_, at) => ({ id: `r${at}`, record: { id: `r${at}`, name: 'n' } })),
    )
    const sent = (await firm.db.openVault('acme')).sidecar('_surfaceSent')
    const versions = async () => new Map((await sent.list()).map(({ key, version }) => [key.key, version]))
    await take(await send())
    await acknowledge()
    const before = await versions()
    expect(before.size).toBe(65)
    await edit('r77', { name: 'changed' })
    expect(counts(await send())).toEqual([1, 1, 0])
    const after = [...(await versions())].filter(([key, version]) => before.get(key) !== version)
    expect(after).toHaveLength(2)
    expect(counts(await send())).toEqual([1, 1, 0])
  })
})

describe('a delivery that was lost', () => {
  it('is made good by the next; one that comes late or twice is refused', async () => {
    await take(await send())
    await acknowledge()
    await edit('p1', { name: 'one' })
    const lost = await send()
    await edit('p2', { name: 'two' })
    const next = await send()
    expect(counts(next)).toEqual([1, 2, 0])
    await take(next)
    await expect(take(lost)).rejects.toMatchObject({ code: 'SURFACE_DELIVERY_OLD' })
    await expect(take(next)).rejects.toMatchObject({ code: 'ALREADY_IMPORTED' })
    const rows = (await contents(client.db, 'books'))['partners']
    expect([rows?.['p1']?.['name'], rows?.['p2']?.['name']]).toEqual(['one', 'two'])
  })

  it('an edit that was taken back meanwhile arrives as well', async () => {
    await take(await send())
    await acknowledge()
    await edit('p1', { name: 'wrong' })
    await take(await send())
    await edit('p1', { name: 'p1' })
    const back = await send()
    expect(counts(back)).toEqual([1, 1, 0])
    await take(back)
    expect(await (await partners(client, 'books')).get('p1')).toMatchObject({ name: 'p1' })
  })

  it('a delta built on what this office never had is answered by asking for everything', async () => {
    await take(await send())
    await acknowledge()
    const delta = await send()
    const rows = client.state._vault.collection<{ received: null }>('surfaceHeads')
    await rows.put(id, { ...(await rows.get(id))!, received: null })
    await expect(take(delta)).rejects.toMatchObject({ code: 'SURFACE_FULL_NEEDED' })
    await acknowledge({ fullNeeded: true })
    const full = await send()
    expect(counts(full)).toEqual([null, 3, 0])
    expect((await take(full)).summary).toMatchObject({ inserted: 0, updated: 0 })
  })

  it('a sender that lost its own memory goes on after the number the receiver names', async () => {
    await take(await send())
    await take(await send({ full: true }))
    const rows = firm.state._vault.collection<object>('surfaceHeads')
    await rows.delete(id)
    for (const key of await firm.state._vault
      ._introspectState()
      .adapter.list('__noydb_state__', 'surfaceLog')) {
      if (key.startsWith(rowPrefix(id))) await firm.state._vault.collection('surfaceLog').delete(key)
    }
    await expect(take(await send())).rejects.toMatchObject({ code: 'SURFACE_DELIVERY_OLD' })
    await acknowledge()
    const healed = await send()
    expect([healed.exchange?.sequence, healed.exchange?.base]).toEqual([3, null])
    await take(healed)
  })
})

describe('a record that is gone', () => {
  it('is put before a person, once, and is deleted when that one says so', async () => {
    await take(await send())
    await acknowledge()
    await (await partners(firm, 'acme')).delete('p3')
    const delta = await send()
    expect(counts(delta)).toEqual([1, 0, 1])
    const again = await send()
    expect(counts(again)).toEqual([1, 0, 1])
    expect(await take(delta)).toMatchObject({ gone: 1 })
    expect(await (await partners(client, 'books')).get('p3')).not.toBeNull()
    expect(await take(again)).not.toHaveProperty('gone')
    const decided = await decideOpen(client.db, { kind: 'theirs' })
    expect(decided).toMatchObject({ kind: 'deleted-there', recordId: 'p3', party: 'firm' })
    expect(await (await partners(client, 'books')).get('p3')).toBeNull()
    await acknowledge()
    expect(counts(await send())).toEqual([3, 0, 0])
  })

  it('and comes back is sent anew', async () => {
    await take(await send())
    await acknowledge()
    await (await partners(firm, 'acme')).delete('p3')
    await take(await send())
    await acknowledge()
    await (await partners(firm, 'acme')).put('p3', { id: 'p3', name: 'p3', email: 'x' })
    expect(counts(await send())).toEqual([2, 1, 0])
  })

  it('stands in no clear text', async () => {
    await take(await send())
    await acknowledge()
    await (await partners(firm, 'acme')).put('a very telling id', { id: 'a very telling id' })
    await take(await send())
    await acknowledge()
    await (await partners(firm, 'acme')).delete('a very telling id')
    const { bundleBytes, exchange } = await send()
    expect(exchange?.gone).toBe(1)
    expect(Buffer.from(bundleBytes).includes('telling')).toBe(false)
    expect(Buffer.from(bundleBytes).includes('partners')).toBe(false)
  })
})

describe('a receipt', () => {
  it('counts by the other party alone, whole, and never moves the cursor back', async () => {
    const early = await surfaceReceipt(client.state, id)
    await take(await send())
    const file = await surfaceReceipt(client.state, id)
    const own = await surfaceReceipt(firm.state, id)
    await expect(takeSurfaceReceipt(firm.state, own)).rejects.toMatchObject({ code: 'SURFACE_PARTY' })
    const altered = file.replace('"sequence":1', '"sequence":9')
    await expect(takeSurfaceReceipt(firm.state, altered)).rejects.toMatchObject({
      code: 'SURFACE_FILE_FORGED',
    })
    await expect(takeSurfaceReceipt(firm.state, file.slice(9))).rejects.toMatchObject({
      code: 'SURFACE_FILE_INVALID',
    })
    expect(await takeSurfaceReceipt(firm.state, file)).toMatchObject({ sequence: 1, fullNeeded: false })
    await takeSurfaceReceipt(firm.state, early)
    await takeSurfaceReceipt(firm.state, file)
    const second = await send()
    expect(counts(second)).toEqual([1, 0, 0])
    await take(second)
    await acknowledge()
    for (const late of [file, early]) await takeSurfaceReceipt(firm.state, late)
    expect(counts(await send())).toEqual([2, 0, 0])
  })
})

describe('the exchange log', () => {
  async function logs() {
    return [await listExchanges(firm.state, id), await listExchanges(client.state, id)] as const
  }

  it('is the same on both sides, survives a restart, and travels as a file', async () => {
    await take(await send())
    await acknowledge()
    await edit('p1', { name: 'one' })
    await (await partners(firm, 'acme')).delete('p2')
    await take(await send())
    await send()
    const [ours, theirs] = await logs()
    expect(ours.map(({ kind, sequence, base }) => [kind, sequence, base])).toEqual([
      ['sent', 1, null],
      ['sent', 2, 1],
      ['sent', 3, 1],
    ])
    expect(theirs[1]?.collections).toEqual(ours[1]?.collections)
    expect(theirs[1]?.collections).toMatchObject({ partners: { records: 1, gone: ['p2'] } })
    expect(theirs[1]?.importId).toMatch(/^[0-9A-Z]{26}$/)
    const read = decodeExchangeLog(encodeExchangeLog(theirs))
    expect(compareExchangeLogs(ours, read)).toEqual({ agreed: 2, underway: 1, first: null })
    expect(compareExchangeLogs(read, ours)).toEqual({ agreed: 2, underway: 1, first: null })
    const state = await StateManagementVault.open(firm.db)
    expect(await listExchanges(state, id)).toEqual(ours)
    expect(() => decodeExchangeLog('{"noydbSurfaceLog":2}')).toThrow('no file about a surface')
  })

  it('names the first line that is lost, unknown, different or broken', async () => {
    await take(await send())
    await send()
    await take(await send())
    const [ours, theirs] = await logs()
    const lost = { kind: 'lost', side: 'ours', seq: 2, exchangeId: ours[1]?.exchangeId }
    expect(compareExchangeLogs(ours, theirs)).toEqual({ agreed: 2, underway: 0, first: lost })
    const forgotten = compareExchangeLogs(ours.slice(0, 1), theirs)
    expect(forgotten.first).toMatchObject({ kind: 'unknown', side: 'theirs', seq: 2 })
    const altered = theirs.map((entry) => ({ ...entry, at: '2026-01-01T00:00:00.000Z' }))
    expect(compareExchangeLogs(ours, altered).first).toEqual({ kind: 'broken', side: 'theirs', seq: 1 })
    expect(compareExchangeLogs(ours.slice(1), theirs).first).toEqual({ kind: 'broken', side: 'ours', seq: 1 })
  })
})

describe('a preview', () => {
  it('shows exactly what the next export sends, and what stays', async () => {
    const vault = await firm.db.openVault('acme')
    const row = await firm.surfaces.get(id)
    const before = await previewSurface(vault, row, firm.gate)
    expect(before).toMatchObject({ surface: id, base: null, records: 3 })
    expect(before.blocked).toBeUndefined()
    expect(before.collections).toEqual([
      {
        collection: 'partners',
        records: 3,
        present: 3,
        ids: ['p1', 'p2', 'p3'],
        fields: ['email', 'id', 'name'],
        withheld: ['tax'],
        gone: [],
      },
    ])
    expect(before.page('partners', { offset: 1, limit: 1 })).toEqual([
      { id: 'p2', record: { id: 'p2', name: 'p2', email: 'x' } },
    ])
    expect(before.page('constructor', { offset: 0, limit: 1 })).toEqual([])
    expect(await listExchanges(firm.state, id)).toEqual([])
    await take(await send())
    await acknowledge()
    await edit('p1', { name: 'one', tax: 5 })
    await (await partners(firm, 'acme')).delete('p3')
    const after = await previewSurface(vault, row, firm.gate)
    expect(after.collections).toMatchObject([{ records: 1, present: 2, ids: ['p1'], gone: ['p3'] }])
    expect(counts(await send())).toEqual([after.base, after.records, 1])
  })

  it('says why nothing leaves, and still shows what would', async () => {
    const vault = await firm.db.openVault('acme')
    await firm.surfaces.decide(id, { kind: 'suspend' })
    const preview = await previewSurface(vault, await firm.surfaces.get(id), firm.gate)
    expect(preview).toMatchObject({ blocked: 'SURFACE_STATE', records: 3 })
    const draft = await previewSurface(vault, {
      ...(await firm.surfaces.get(id)),
      collections: ['none'],
      fields: {},
    })
    expect(draft).toMatchObject({ records: 0, collections: [{ collection: 'none', present: 0, fields: [] }] })
  })
})
