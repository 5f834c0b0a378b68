/** A client and a firm exchange bundles both ways, on real engines over memory stores and over SQLite files. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Noydb, NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { sqliteStore } from '@noy-db/to-sqlite'
import { exportBundle } from '../exchange/export-bundle.ts'
import { contents, fill, openOffice } from '../fixture-office.ts'
import { ownIdentity } from '../identity/own-identity.ts'
import { openConflictQueue } from '../queue/conflict-queue.ts'
import { applyImport } from './apply.ts'
import { listImports } from './journal.ts'
import { planImport } from './plan.ts'
import type { ImportPlan } from './types.ts'
import { planUndo, undoImport } from './undo.ts'
import { verifyAudit } from '../verify-audit.ts'

let client: Noydb
let firm: Noydb

const cleanups: Array<() => unknown> = []

async function sqlite(): Promise<NoydbStore> {
  const folder = mkdtempSync(join(tmpdir(), 'two-offices-'))
  const store = await sqliteStore({ file: join(folder, 'workspace.db'), durability: 'normal' })
  cleanups.push(
    () => store.close(),
    () => rmSync(folder, { recursive: true, force: true }),
  )
  return store
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function plan(
  from: Noydb,
  to: Noydb,
  vaults: [from: string, into: string],
  strategy = 'three-way' as const,
) {
  const party = to === firm ? 'firm' : 'client'
  const bundle = await exportBundle(from, { party, vaults: [{ vault: vaults[0] }] })
  const [handle = ''] = Object.keys(bundle.keys)
  return planImport(to, {
    container: bundle.container,
    keys: bundle.keys,
    into: { [handle]: vaults[1] },
    strategy,
  })
}

const toFirm = (): Promise<ImportPlan> => plan(client, firm, ['books', 'acme'])
const toClient = (): Promise<ImportPlan> => plan(firm, client, ['acme', 'books'])

async function edit(db: Noydb, vault: string, id: string, change: object): Promise<void> {
  const partners = (await db.openVault(vault)).collection<object>('partners')
  await partners.put(id, { ...(await partners.get(id)), ...change })
}

const stores: Array<[name: string, make: () => NoydbStore | Promise<NoydbStore>]> = [
  ['memory', memory],
  ['sqlite', sqlite],
]

describe.each(stores)('two offices on %s', (_name, make) => {
  beforeEach(async () => {
    client = await openOffice('client', await make())
    firm = await openOffice('firm', await make())
    await ownIdentity(client, { party: 'client' })
    await ownIdentity(firm, { party: 'firm' })
    const partners = { p1: { name: 'Ada', city: 'Bern' }, p2: { name: 'Bob', city: 'Chur' } }
    await fill(client, 'books', { partners })
    await firm.openVault('acme')
  })

  afterEach(async () => {
    const reports = await verifyAudit(firm, ['acme', '__noydb_state__'])
    expect(reports.map(({ report }) => report?.ok)).toEqual([true, true])
  })

  it('hands over everything once, as a first message', async () => {
    const first = await toFirm()
    expect(first.counts).toMatchObject({ insert: 2, queue: 0, refuse: 0 })
    expect(first.sender).toMatchObject({ party: 'client', state: 'unknown', sequenceState: 'first' })
    await applyImport(firm, first)
    expect(await contents(firm, 'acme')).toEqual(await contents(client, 'books'))
    await expect(applyImport(firm, first)).rejects.toMatchObject({ code: 'ALREADY_IMPORTED' })
  })

  it('merges edits of different fields and queues what overlaps', async () => {
    await applyImport(firm, await toFirm())
    await edit(client, 'books', 'p1', { city: 'Basel' })
    await edit(firm, 'acme', 'p1', { name: 'Ada Ltd' })
    await edit(client, 'books', 'p2', { city: 'Zug' })
    await edit(firm, 'acme', 'p2', { city: 'Uri' })
    const second = await toFirm()
    expect(second.counts).toMatchObject({ merge: 1, queue: 1 })
    expect(second.sender).toMatchObject({ state: 'known', sequenceState: 'next' })
    await applyImport(firm, second)
    expect((await contents(firm, 'acme'))['partners']).toEqual({
      p1: { id: 'p1', name: 'Ada Ltd', city: 'Basel' },
      p2: { id: 'p2', name: 'Bob', city: 'Uri' },
    })
    const queue = await openConflictQueue(firm)
    const { rows } = await queue.list({ status: 'open' })
    expect(rows).toMatchObject([{ vault: 'acme', recordId: 'p2', fields: ['city'], kind: 'edited-by-both' }])
  })

  it('does not ask again for what was kept, and sends it back', async () => {
    await applyImport(firm, await toFirm())
    await edit(client, 'books', 'p2', { city: 'Zug' })
    await edit(firm, 'acme', 'p2', { city: 'Uri' })
    await applyImport(firm, await toFirm())
    const queue = await openConflictQueue(firm)
    const [open] = (await queue.list({ status: 'open' })).rows
    if (open === undefined) throw new Error('expected a conflict')
    const view = await queue.get(open)
    expect(view.fields).toEqual([
      { path: 'city', base: 'Chur', ours: 'Uri', theirs: 'Zug', changedBy: 'both' },
    ])
    await queue.decide(
      open,
      { kind: 'ours' },
      {
        expectRowVersion: view.rowVersion,
        expectRecordVersion: view.currentVersion,
      },
    )
    expect((await toFirm()).counts).toMatchObject({ keep: 1, queue: 0 })
    const back = await toClient()
    expect(back.counts).toMatchObject({ update: 1, queue: 0, equal: 1 })
    await applyImport(client, back)
    expect(await contents(client, 'books')).toEqual(await contents(firm, 'acme'))
  })

  it('undoes an import with the decisions built on it, and takes it again', async () => {
    await applyImport(firm, await toFirm())
    await edit(client, 'books', 'p2', { city: 'Zug' })
    await edit(firm, 'acme', 'p2', { city: 'Uri' })
    const before = await contents(firm, 'acme')
    const second = await toFirm()
    await applyImport(firm, second)
    const queue = await openConflictQueue(firm)
    const [open] = (await queue.list({ status: 'open' })).rows
    if (open === undefined) throw new Error('expected a conflict')
    const view = await queue.get(open)
    await queue.decide(
      open,
      { kind: 'theirs' },
      {
        expectRowVersion: view.rowVersion,
        expectRecordVersion: view.currentVersion,
      },
    )
    const undo = await planUndo(firm, second.id)
    expect(undo).toMatchObject({ restore: 1, remove: 0, withdraw: 0, refused: [] })
    expect(undo.recall).toMatchObject([{ id: 'p2', conflictId: open.conflictId }])
    await undoImport(firm, second.id, { expectHash: undo.hash })
    expect(await contents(firm, 'acme')).toEqual(before)
    expect(await listImports(firm)).toMatchObject([{ status: 'undone' }, { status: 'applied' }])
    expect((await queue.list({ status: 'open' })).total).toBe(0)
  })
})
