/** Deletions that travel, records that wait for a decision elsewhere, and rows that were left out. */
import { beforeEach, describe, expect, it } from 'vitest'
import { ref, type Noydb, type VaultApi } from '@noy-db/hub'
import { readNoydbBundleManifest } from '../bundle/read.ts'
import { exportBundle, type ExportBundleOptions } from '../exchange/export-bundle.ts'
import { contents, fill, openOffice } from '../fixture-office.ts'
import { ownIdentity } from '../identity/own-identity.ts'
import { openConflictQueue } from '../queue/conflict-queue.ts'
import type { ConflictRef, Resolution } from '../queue/types.ts'
import { applyImport } from './apply.ts'
import { planImport, type PlanImportOptions } from './plan.ts'
import type { Body, ImportDecisions, ImportPlan } from './types.ts'
import { planUndo, undoImport } from './undo.ts'

let client: Noydb
let firm: Noydb

beforeEach(async () => {
  client = await openOffice('client')
  firm = await openOffice('firm')
  await ownIdentity(client, { party: 'client' })
  await ownIdentity(firm, { party: 'firm' })
  await fill(client, 'books', {
    bills: { b1: { partner: 'p1', total: 1 } },
    partners: { p1: { name: 'Ada' }, p2: { name: 'Bob' } },
  })
  await firm.openVault('books')
  await send(client)
})

async function pack(from: Noydb, options: Partial<ExportBundleOptions> = {}) {
  const party = from === client ? 'firm' : 'client'
  const bundle = await exportBundle(from, {
    party,
    vaults: [{ vault: 'books' }],
    tombstones: true,
    ...options,
  })
  const into = Object.fromEntries(Object.keys(bundle.keys).map((handle) => [handle, 'books']))
  return { container: bundle.container, keys: bundle.keys, into, strategy: 'three-way' as const }
}

async function planned(
  from: Noydb,
  options: Partial<PlanImportOptions> = {},
  sent: Partial<ExportBundleOptions> = {},
): Promise<ImportPlan> {
  return planImport(from === client ? firm : client, { ...(await pack(from, sent)), ...options })
}

async function send(from: Noydb, decisions: ImportDecisions = {}): Promise<ImportPlan> {
  const plan = await planned(from)
  await applyImport(from === client ? firm : client, plan, decisions)
  return plan
}

async function rows(db: Noydb, name: string) {
  return (await db.openVault('books')).collection<Body>(name)
}

async function edit(db: Noydb, id: string, change: object): Promise<void> {
  const partners = await rows(db, 'partners')
  await partners.put(id, { ...(await partners.get(id)), ...change })
}

async function open(db: Noydb): Promise<ConflictRef[]> {
  return [...(await (await openConflictQueue(db)).list({ status: 'open' })).rows]
}

async function decide(db: Noydb, resolution: Resolution): Promise<void> {
  const queue = await openConflictQueue(db)
  for (const conflict of await open(db)) {
    const { rowVersion, currentVersion } = await queue.get(conflict)
    const seen = { expectRowVersion: rowVersion, expectRecordVersion: currentVersion }
    await queue.decide(conflict, resolution, seen)
  }
}

describe('a deletion', () => {
  it('travels when the sender chooses, and takes an untouched record along', async () => {
    await (await rows(client, 'partners')).delete('p2')
    expect((await planned(client, {}, { tombstones: false })).counts).toMatchObject({ delete: 0 })
    const plan = await send(client)
    expect(plan.counts).toMatchObject({ delete: 1, queue: 0 })
    expect(Object.keys((await contents(firm, 'books'))['partners'] ?? {})).toEqual(['p1'])
    expect((await planned(firm)).counts).toMatchObject({ insert: 0, delete: 0, queue: 0, keep: 0 })
  })

  it('is told until the other side says that it came', async () => {
    await (await rows(client, 'partners')).delete('p2')
    await pack(client) // lost
    expect((await planned(client)).counts).toMatchObject({ delete: 1 })
    await send(client)
    await send(firm)
    const [entry] = await readNoydbBundleManifest((await pack(client)).container)
    expect(entry?.notes).toBeUndefined()
  })

  it('is undone with its import, and taken again', async () => {
    const before = await contents(firm, 'books')
    await (await rows(client, 'partners')).delete('p2')
    const packed = await pack(client)
    const plan = await planImport(firm, packed)
    await applyImport(firm, plan)
    const undo = await planUndo(firm, plan.id)
    expect(undo).toMatchObject({ restore: 1, remove: 0, refused: [] })
    await undoImport(firm, plan.id, { expectHash: undo.hash })
    expect(await contents(firm, 'books')).toEqual(before)
    const again = await planImport(firm, packed)
    expect(again.counts).toEqual(plan.counts)
    await applyImport(firm, again)
    expect(await contents(firm, 'books')).toEqual(await contents(client, 'books'))
  })

  it.each([
    ['ours', 'Bob Ltd'],
    ['theirs', undefined],
  ] as const)('of a record edited here waits for a person: %s', async (kind, name) => {
    await (await rows(client, 'partners')).delete('p2')
    await edit(firm, 'p2', { name: 'Bob Ltd' })
    const plan = await send(client)
    expect(plan.counts).toMatchObject({ delete: 0, queue: 1 })
    expect(plan.rows).toMatchObject([{ kind: 'deleted-there', incoming: null, overlaps: ['name'] }])
    await send(client)
    expect(await open(firm)).toHaveLength(1) // told again, not asked again
    await decide(firm, { kind })
    await send(firm)
    expect((await (await rows(client, 'partners')).get('p2'))?.['name']).toBe(name)
    expect(await contents(client, 'books')).toEqual(await contents(firm, 'books'))
    expect(await open(client)).toEqual([])
  })

  it('of a record others here refer to waits as well', async () => {
    const declare = (vault: VaultApi): void => {
      vault.collection('bills', { refs: { partner: ref('partners') } })
    }
    await (await rows(client, 'bills')).delete('b1')
    await (await rows(client, 'partners')).delete('p1')
    await fill(firm, 'books', { bills: { b2: { partner: 'p1', total: 2 } } })
    const plan = await planned(client, { declare })
    expect(plan.counts).toMatchObject({ delete: 1, queue: 1 })
    await applyImport(firm, plan)
    expect(Object.keys((await contents(firm, 'books'))['bills'] ?? {})).toEqual(['b2'])
    await (await rows(firm, 'bills')).delete('b2')
    await decide(firm, { kind: 'theirs' })
    expect(await (await rows(firm, 'partners')).get('p1')).toBeNull()
  })

  it('goes with what refers to it', async () => {
    const declare = (vault: VaultApi): void => {
      vault.collection('bills', { refs: { partner: ref('partners') } })
    }
    await (await rows(client, 'bills')).delete('b1')
    await (await rows(client, 'partners')).delete('p1')
    const plan = await planned(client, { declare })
    expect(plan.counts).toMatchObject({ delete: 2, queue: 0 })
    await applyImport(firm, plan)
    expect(await contents(firm, 'books')).toEqual(await contents(client, 'books'))
  })
})

describe('what is not settled, or was left out,', () => {
  it('is sent, but decides nothing until a person did', async () => {
    await edit(client, 'p1', { name: 'Ada of client' })
    await edit(firm, 'p1', { name: 'Ada of firm' })
    await send(client)
    const plan = await send(firm)
    expect(plan.rows).toMatchObject([{ id: 'p1', outcome: 'keep', waits: true }])
    expect(await open(client)).toEqual([])
    await decide(firm, { kind: 'ours' })
    expect((await send(firm)).counts).toMatchObject({ update: 1, queue: 0 })
    expect(await contents(client, 'books')).toEqual(await contents(firm, 'books'))
  })

  it('is decided with the latest message; what earlier ones left open is closed, and opened by an undo', async () => {
    await edit(firm, 'p1', { name: 'Ada of firm' })
    await edit(client, 'p1', { name: 'Ada 2' })
    await send(client)
    await edit(client, 'p1', { name: 'Ada 3' })
    await send(client)
    expect(await open(firm)).toHaveLength(2)
    const queue = await openConflictQueue(firm)
    const [latest] = await open(firm)
    if (latest === undefined) throw new Error('expected a conflict')
    const { rowVersion, currentVersion } = await queue.get(latest)
    const seen = { expectRowVersion: rowVersion, expectRecordVersion: currentVersion }
    const { batchId, remaining } = await queue.decide(latest, { kind: 'theirs' }, seen)
    expect(remaining).toBe(0)
    expect(await queue.counts()).toMatchObject({ decided: 1, closed: 1 })
    expect((await (await rows(firm, 'partners')).get('p1'))?.['name']).toBe('Ada 3')
    await queue.undo(batchId)
    expect(await open(firm)).toHaveLength(2)
    expect((await (await rows(firm, 'partners')).get('p1'))?.['name']).toBe('Ada of firm')
  })

  it('is a row that was left out, too: what the other side never took was not changed by it', async () => {
    await edit(client, 'p1', { name: 'Ada 2' })
    await send(client, { exclude: [{ vault: 'books', collection: 'partners', id: 'p1' }] })
    expect((await send(firm)).counts).toMatchObject({ update: 0, queue: 0 })
    expect((await (await rows(client, 'partners')).get('p1'))?.['name']).toBe('Ada 2')
    expect((await send(client)).counts).toMatchObject({ update: 1 })
    expect((await send(firm)).counts).toMatchObject({ update: 0, queue: 0 })
    expect(await contents(client, 'books')).toEqual(await contents(firm, 'books'))
  })
})

describe('a message that was lost', () => {
  it('is no base: an edit it carried is not taken back by an answer to the one before', async () => {
    await send(firm)
    await edit(firm, 'p1', { city: 'Uri' })
    await pack(firm) // lost
    await edit(client, 'p1', { name: 'Ada 2' })
    expect((await send(client)).counts).toMatchObject({ merge: 1, queue: 0 })
    expect(await (await rows(firm, 'partners')).get('p1')).toEqual({ id: 'p1', name: 'Ada 2', city: 'Uri' })
  })

  it('that was taken back is none either', async () => {
    await send(firm)
    await edit(firm, 'p1', { city: 'Uri' })
    const { id } = await send(firm)
    await undoImport(client, id)
    await edit(client, 'p1', { name: 'Ada 2' })
    expect((await send(client)).counts).toMatchObject({ merge: 1, queue: 0 })
    expect(await (await rows(firm, 'partners')).get('p1')).toEqual({ id: 'p1', name: 'Ada 2', city: 'Uri' })
  })

  it('that comes after a later one says nothing new', async () => {
    await edit(client, 'p1', { name: 'Ada 2' })
    const late = await pack(client)
    await edit(client, 'p1', { name: 'Ada 3' })
    await send(client)
    const plan = await planImport(firm, late)
    expect(plan.sender.sequenceState).toBe('replay')
    await applyImport(firm, plan, { acceptSequence: true })
    expect((await (await rows(firm, 'partners')).get('p1'))?.['name']).toBe('Ada 3')
    expect((await send(firm)).counts).toMatchObject({ update: 0, queue: 0 })
  })
})

describe('a narrowed merge', () => {
  it('compares and writes the fields of the projection, of new records too', async () => {
    await edit(client, 'p1', { name: 'Ada 2', iban: 'X' })
    await fill(client, 'books', { partners: { p3: { name: 'Cem', iban: 'Y' } } })
    const plan = await planned(client, { projection: { partners: ['name'] } })
    expect(plan.perVault[0]?.projection).toEqual({ partners: ['name'] })
    await applyImport(firm, plan)
    const { partners } = await contents(firm, 'books')
    expect(partners).toMatchObject({ p1: { name: 'Ada 2' }, p3: { name: 'Cem' } })
    expect(JSON.stringify(partners)).not.toContain('iban')
    await edit(firm, 'p1', { iban: 'Z' })
    const same = await planned(client, { projection: { partners: ['name'] } })
    expect(same.counts).toMatchObject({ equal: 4, queue: 0, update: 0 })
  })
})
