/** What leaves under an agreement, what is taken, and what is refused, between two workspaces. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decryptExtractedPartition, extractPartition } from '@noy-db/hub/bundle'
import { ref, type NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { decodeMultiBundle, encodeMultiBundle } from '../bundle/container.ts'
import { contents, fill } from '../fixture-office.ts'
import { undoImport } from '../import/undo.ts'
import { createLobby } from '../lobby.ts'
import { agreeSurface, proposeSurface } from './agree.ts'
import { applySurface } from './apply-surface.ts'
import { compareExchangeLogs, decodeExchangeLog, encodeExchangeLog, listExchanges } from './exchange-log.ts'
import { exportSurface, type ExportSurfaceOptions } from './export-surface.ts'
import {
  agreeBetween,
  DAY,
  decideOpen,
  definition,
  openParty,
  places,
  START,
  type Party,
} from './testing/parties.ts'

const disk = places()
const stores: Array<[name: string, make: () => NoydbStore | Promise<NoydbStore>]> = [
  ['memory', memory],
  ['sqlite', disk.sqlite],
]
let firm: Party
let client: Party

const partners = {
  p1: { name: 'Alfreds', email: 'a@x', tax: 'secret 1' },
  p2: { name: 'Bottom', email: 'b@x', tax: 'secret 2' },
}

async function open(make: () => NoydbStore | Promise<NoydbStore> = memory): Promise<void> {
  firm = await openParty('firm', await make())
  client = await openParty('client', await make())
  await fill(firm.db, 'acme', { partners, payroll: { w1: { wage: 1 } } })
  await fill(client.db, 'books', {
    partners: { p1: { name: 'Alfreds', email: 'a@x', phone: '1' } },
    payroll: {},
  })
}

beforeEach(() => open())
afterEach(disk.clear)

type Sent = Awaited<ReturnType<typeof exportSurface>>

async function send(id: string, options: Partial<ExportSurfaceOptions> = {}): Promise<Sent> {
  const vault = await firm.db.openVault('acme')
  return exportSurface(vault, await firm.surfaces.get(id), { ...firm.gate, ...options })
}

async function take(id: string, { bundleBytes, transferKey }: Sent) {
  const vault = await client.db.openVault('books')
  return applySurface(vault, await client.surfaces.get(id), bundleBytes, transferKey, client.gate)
}

async function edit(party: Party, vault: string, id: string, change: object): Promise<void> {
  const rows = (await party.db.openVault(vault)).collection<object>('partners')
  await rows.put(id, { ...(await rows.get(id)), ...change })
}

describe.each(stores)('a signed exchange on %s', (_name, make) => {
  it('carries the agreed fields and leaves every other as it is', async () => {
    await open(make)
    const id = await agreeBetween(firm, client)
    const sent = await send(id)
    expect(sent.exchange).toMatchObject({ sequence: 1, base: null, records: 2, gone: 0 })
    const report = await take(id, sent)
    expect(report.summary).toMatchObject({ inserted: 1, updated: 0, queued: 0 })
    expect((await contents(client.db, 'books'))['partners']).toEqual({
      p1: { id: 'p1', name: 'Alfreds', email: 'a@x', phone: '1' },
      p2: { id: 'p2', name: 'Bottom', email: 'b@x' },
    })
    expect(await firm.surfaces.get(id)).toMatchObject({ lastSyncAt: START, nextSyncDueAt: START + 7 * DAY })
  })

  it('merges disjoint edits of both, and asks nobody about fields that are not shared', async () => {
    await open(make)
    const id = await agreeBetween(firm, client)
    await take(id, await send(id))
    await edit(firm, 'acme', 'p1', { email: 'new@x', tax: 'secret 3' })
    await edit(client, 'books', 'p1', { name: 'Alfreds & Co', phone: '2' })
    const report = await take(id, await send(id))
    expect(report.summary).toMatchObject({ updated: 1, queued: 0, inserted: 0 })
    expect((await contents(client.db, 'books'))['partners']?.['p1']).toEqual({
      id: 'p1',
      name: 'Alfreds & Co',
      email: 'new@x',
      phone: '2',
    })
    const again = await take(id, await send(id, { full: true }))
    expect([again.summary.total, again.conflicts]).toEqual([
      1,
      [expect.objectContaining({ resolution: 'local' })],
    ])
  })
})

describe('an export', () => {
  it('judges the stored agreement, not the row that is passed in', async () => {
    const id = await agreeBetween(firm, client)
    const cached = await firm.surfaces.get(id)
    await firm.surfaces.decide(id, { kind: 'suspend' })
    const vault = await firm.db.openVault('acme')
    await expect(exportSurface(vault, cached, firm.gate)).rejects.toMatchObject({ code: 'SURFACE_STATE' })
    await firm.state.updateSurface(id, { status: 'agreed', collections: ['payroll'] })
    await expect(exportSurface(vault, cached, firm.gate)).rejects.toMatchObject({ code: 'SURFACE_STATE' })
    await firm.surfaces.decide(id, { kind: 'resume' })
    await firm.state.updateSurface(id, { collections: ['payroll'], fields: {} })
    const wide = { ...cached, collections: ['payroll', 'partners'] }
    const { bundleBytes, transferKey } = await exportSurface(vault, wide, firm.gate)
    const [inner] = decodeMultiBundle(bundleBytes).inner
    expect(Object.keys(await decryptExtractedPartition(inner!, transferKey))).toEqual(['partners'])
    await expect(exportSurface(vault, { ...cached, id: 'none' }, firm.gate)).rejects.toMatchObject({
      code: 'SURFACE_NOT_FOUND',
    })
  })

  it('is refused against the direction, and after the end', async () => {
    const id = await agreeBetween(firm, client, { direction: 'pull', expiresAt: START + DAY })
    await expect(send(id)).rejects.toMatchObject({ code: 'SURFACE_DIRECTION' })
    const books = await client.db.openVault('books')
    const sent = await exportSurface(books, await client.surfaces.get(id), client.gate)
    await expect(take(id, sent)).rejects.toMatchObject({ code: 'SURFACE_DIRECTION' })
    client.clock.now = START + DAY
    const late = exportSurface(books, await client.surfaces.get(id), client.gate)
    await expect(late).rejects.toMatchObject({ code: 'SURFACE_EXPIRED' })
  })

  it('is refused where a reference leads out of the slice', async () => {
    const vault = await firm.db.openVault('shop')
    vault.collection('orders', { refs: { partner: ref('partners') } })
    await fill(firm.db, 'shop', { partners: { p1: {} }, orders: { o1: { partner: 'p1' } } })
    const row = {
      ...definition,
      id: 's',
      status: 'agreed',
      proposedBy: 'a',
      createdAt: 1,
      collections: ['orders'],
    } as const
    await expect(exportSurface(vault, row)).rejects.toMatchObject({ name: 'PartitionExtractionError' })
  })

  it('two at the same time: one gives way, and nothing is numbered twice', async () => {
    const id = await agreeBetween(firm, client)
    const outcomes = await Promise.allSettled([send(id), send(id)])
    const failed = outcomes.filter(({ status }) => status === 'rejected')
    for (const one of failed) expect(one).toMatchObject({ reason: { code: 'SURFACE_BUSY' } })
    const sequences = outcomes.flatMap((one) =>
      one.status === 'fulfilled' ? [one.value.exchange?.sequence] : [],
    )
    expect(new Set(sequences).size).toBe(sequences.length)
    expect(sequences.length).toBeGreaterThan(0)
  })
})

describe('a delivery', () => {
  it('is refused when it is of another agreement, another version, another party or altered', async () => {
    const [one, two] = [await agreeBetween(firm, client), await agreeBetween(firm, client, { id: 'second' })]
    const sent = await send(one)
    await expect(take(two, sent)).rejects.toMatchObject({ code: 'SURFACE_DELIVERY_FOREIGN' })
    const third = await openParty('third')
    const strange = await agreeBetween(third, firm, { id: one + '-third' })
    await expect(take(one, await sendAs(third, strange))).rejects.toMatchObject({
      code: 'SURFACE_DELIVERY_FOREIGN',
    })
    const flipped = Uint8Array.from(sent.bundleBytes)
    flipped[flipped.length - 40]! ^= 1
    await expect(take(one, { ...sent, bundleBytes: flipped })).rejects.toMatchObject({
      code: 'SURFACE_FILE_FORGED',
    })
    const { manifest, inner } = decodeMultiBundle(sent.bundleBytes)
    const { surface: _surface, ...bare } = manifest as typeof manifest & { surface: unknown }
    const unsigned = { ...sent, bundleBytes: encodeMultiBundle(bare, inner) }
    await expect(take(one, unsigned)).rejects.toMatchObject({ code: 'SURFACE_DELIVERY_FOREIGN' })
    await expect(take(one, { ...sent, bundleBytes: inner[0]! })).rejects.toMatchObject({
      code: 'SURFACE_DELIVERY_FOREIGN',
    })
    const less = await client.surfaces.decide(one, {
      kind: 'narrow',
      collections: ['partners'],
      fields: { partners: ['name'] },
    })
    await expect(take(one, sent)).rejects.toMatchObject({ code: 'SURFACE_VERSION_OLD' })
    await firm.surfaces.receive(less.file)
    expect((await take(one, await send(one))).summary.inserted).toBe(1)
    expect((await contents(client.db, 'books'))['partners']?.['p2']).toEqual({ id: 'p2', name: 'Bottom' })
  })

  async function sendAs(party: Party, id: string): Promise<Sent> {
    await fill(party.db, 'own', { partners })
    return exportSurface(await party.db.openVault('own'), await party.surfaces.get(id), party.gate)
  }

  it('is refused while both sides have narrowed without knowing of each other', async () => {
    const id = await agreeBetween(firm, client)
    const fields = (name: string) =>
      ({ kind: 'narrow', collections: ['partners'], fields: { partners: [name] } }) as const
    const ours = await firm.surfaces.decide(id, fields('name'))
    const theirs = await client.surfaces.decide(id, fields('email'))
    await expect(take(id, await send(id))).rejects.toMatchObject({ code: 'SURFACE_DELIVERY_FOREIGN' })
    await client.surfaces.receive(ours.file)
    await firm.surfaces.receive(theirs.file)
    const both = await firm.surfaces.get(id)
    expect(both.agreement).toEqual((await client.surfaces.get(id)).agreement)
    expect([both.agreement?.version, both.collections]).toEqual([3, []])
    expect((await send(id)).exchange?.records).toBe(0)
    const renew = { kind: 'renew', expiresAt: START + DAY } as const
    await expect(firm.surfaces.decide(id, renew)).rejects.toMatchObject({ code: 'SURFACE_INVALID' })
  })

  it('with another key does not open, and nothing is written', async () => {
    const id = await agreeBetween(firm, client)
    const sent = await send(id)
    const before = await contents(client.db, 'books')
    const wrong = { ...sent, transferKey: new Uint8Array(randomBytes(32)) }
    await expect(take(id, wrong)).rejects.toMatchObject({ code: 'TRANSFER_SEAL' })
    expect(await contents(client.db, 'books')).toEqual(before)
    expect((await take(id, sent)).summary.inserted).toBe(1)
  })

  it('is tried first, if asked, and is still there to be taken', async () => {
    const id = await agreeBetween(firm, client)
    const { bundleBytes, transferKey } = await send(id)
    const books = await client.db.openVault('books')
    const before = await contents(client.db, 'books')
    const row = await client.surfaces.get(id)
    const tried = { ...client.gate, dryRun: true }
    const report = await applySurface(books, row, bundleBytes, transferKey, tried)
    expect(report).toMatchObject({ dryRun: true, summary: { inserted: 1 } })
    expect(await contents(client.db, 'books')).toEqual(before)
    expect((await take(id, { bundleBytes, transferKey })).dryRun).toBe(false)
  })

  it('with a record this office cannot take waits until that one is left out by name', async () => {
    client = await openParty('client')
    const books = await client.db.openVault('books')
    const schema = z.object({ id: z.string(), name: z.string().max(6), email: z.string() }).loose()
    books.collection('partners', { schema })
    const id = await agreeBetween(firm, client)
    await edit(firm, 'acme', 'p1', { name: 'Short' })
    await edit(firm, 'acme', 'p2', { name: 'Far too long' })
    const { bundleBytes, transferKey } = await send(id)
    const row = await client.surfaces.get(id)
    const apply = (...exclude: { collection: string; id: string }[]) =>
      applySurface(books, row, bundleBytes, transferKey, { ...client.gate, exclude })
    await expect(apply()).rejects.toMatchObject({ code: 'ROWS_REFUSED', rows: [{ id: 'p2' }] })
    const misspelt = apply({ collection: 'partners', id: 'p3' })
    await expect(misspelt).rejects.toMatchObject({ code: 'SURFACE_INVALID' })
    expect((await apply({ collection: 'partners', id: 'p2' })).summary).toMatchObject({
      inserted: 1,
      total: 1,
    })
    const [entry] = await listExchanges(client.state, id)
    expect(entry).toMatchObject({ excluded: [{ collection: 'partners', id: 'p2' }] })
    const logs = [
      await listExchanges(firm.state, id),
      decodeExchangeLog(encodeExchangeLog([entry!])),
    ] as const
    expect(compareExchangeLogs(...logs)).toEqual({ agreed: 1, underway: 0, first: null })
  })

  it('is taken once; after its import was undone, again', async () => {
    const id = await agreeBetween(firm, client)
    const sent = await send(id)
    const { importId = '' } = await take(id, sent)
    await expect(take(id, sent)).rejects.toMatchObject({ code: 'ALREADY_IMPORTED', importId })
    await undoImport(client.db, importId)
    expect((await contents(client.db, 'books'))['partners']).not.toHaveProperty('p2')
    expect((await take(id, sent)).summary.inserted).toBe(1)
  })
})

describe('by name, in one workspace or two', () => {
  const named = { ...definition, direction: 'push' } as const

  it('the bare calls believe the row, and still take nothing outside it', async () => {
    const row = { ...named, id: 's', status: 'agreed', proposedBy: 'a', createdAt: 1 } as const
    const vault = await firm.db.openVault('acme')
    const books = await client.db.openVault('books')
    const { bundleBytes, transferKey } = await exportSurface(vault, row)
    expect(transferKey).toHaveLength(32)
    const opened = await decryptExtractedPartition(bundleBytes, transferKey)
    expect(opened['partners']?.map(({ record }) => Object.keys(record).sort())).toEqual([
      ['email', 'id', 'name'],
      ['email', 'id', 'name'],
    ])
    const taken = await applySurface(
      books,
      { ...row, conflictPolicy: { strategy: 'take-incoming' } },
      bundleBytes,
      transferKey,
    )
    expect(taken.summary).toMatchObject({ inserted: 1, updated: 0 })
    expect((await contents(client.db, 'books'))['partners']?.['p1']).toHaveProperty('phone')
    for (const status of ['proposed', 'suspended'] as const) {
      const refused = { name: 'SurfaceStateError', currentStatus: status, requiredStatus: 'agreed' }
      await expect(exportSurface(vault, { ...row, status })).rejects.toMatchObject(refused)
      await expect(applySurface(books, { ...row, status }, bundleBytes, transferKey)).rejects.toMatchObject(
        refused,
      )
    }
    const payroll = await extractPartition(vault, { seeds: { payroll: () => true } })
    const smuggled = applySurface(books, row, payroll.bundleBytes, payroll.transferKey)
    await expect(smuggled).rejects.toMatchObject({ code: 'SURFACE_OUTSIDE' })
    const whole = await extractPartition(vault, { seeds: { partners: () => true } })
    const wide = applySurface(books, row, whole.bundleBytes, whole.transferKey)
    await expect(wide).rejects.toThrow('partners.tax')
    expect((await contents(client.db, 'books'))['payroll']).toBeUndefined()
  })

  it('the lobby reads the agreement again, makes no vault, and checks the direction where it is named', async () => {
    for (const party of [firm, client]) {
      await proposeSurface(party.state, named, 'firm', 1)
      await agreeSurface(party.state, 'contacts', 'client', 2)
    }
    const [ours, theirs] = [createLobby(firm.db), createLobby(client.db)]
    const row = await firm.surfaces.get('contacts')
    const { bundleBytes, transferKey } = await ours.exportSurface('acme', row)
    expect(Object.keys(await decryptExtractedPartition(bundleBytes, transferKey))).toEqual(['partners'])
    expect((await theirs.applySurface('books', row, bundleBytes, transferKey)).summary.inserted).toBe(1)
    await expect(theirs.exportSurface('books', row)).rejects.toMatchObject({ code: 'SURFACE_DIRECTION' })
    await expect(ours.exportSurface('acmee', row)).rejects.toThrow()
    expect((await firm.db.listAccessibleVaults()).map(({ id }) => id)).not.toContain('acmee')
    await firm.state.updateSurface('contacts', { status: 'suspended' })
    await expect(ours.exportSurface('acme', row)).rejects.toMatchObject({ currentStatus: 'suspended' })
    firm.db.close()
    await expect(ours.exportSurface('acme', row)).rejects.toThrow('Instance is closed')
  })
})

describe('conflicts', () => {
  it('of a slice name its fields, and are decided over the whole record', async () => {
    const id = await agreeBetween(firm, client)
    await take(id, await send(id))
    await edit(firm, 'acme', 'p1', { name: 'A' })
    await edit(client, 'books', 'p1', { name: 'B' })
    const report = await take(id, await send(id))
    expect(report.conflicts).toMatchObject([{ id: 'p1', resolution: 'queued', fields: ['name'] }])
    await decideOpen(client.db, { kind: 'theirs' })
    expect((await contents(client.db, 'books'))['partners']?.['p1']).toEqual({
      id: 'p1',
      name: 'A',
      email: 'a@x',
      phone: '1',
    })
  })
})
