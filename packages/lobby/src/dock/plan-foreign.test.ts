/** Monthly files into a client's books: planned, applied, decided and undone as bundles are. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Noydb } from '@noy-db/hub'
import { contents, openOffice } from '../fixture-office.ts'
import { applyImport } from '../import/apply.ts'
import { listImports } from '../import/journal.ts'
import type { ImportPlan } from '../import/types.ts'
import { planUndo, undoImport } from '../import/undo.ts'
import { openConflictQueue } from '../queue/conflict-queue.ts'
import { compileTemplate, parseTemplate } from '../templates/index.ts'
import { csvReader } from './csv/reader.ts'
import { dataFolder, dataSource, dataText, hasData, textSource } from './fixture-sources.ts'
import { planForeign, type PlanForeignOptions } from './plan-foreign.ts'
import { ublProfile } from './profile/ready-made.ts'
import { parseProfile } from './profile/schema.ts'
import { ublReader } from './ubl/reader.ts'

const shipped = join(import.meta.dirname, '../../../../resources/templates/client-accounting.json')
const template = compileTemplate(parseTemplate(readFileSync(shipped)))

const contacts = parseProfile({
  format: 1,
  id: 'crm',
  name: 'CRM export',
  kind: 'csv',
  reading: { delimiter: ',', header: true },
  collection: 'contacts',
  key: ['no'],
  emptyWords: ['NULL'],
  fields: [
    { path: 'company', from: { as: 'text', column: 'company' }, required: true },
    { path: 'name', from: { as: 'text', column: 'name' } },
    { path: 'phone', from: { as: 'text', column: 'phone' } },
  ],
})

const january = 'no,company,name,phone\n1,Alfreds,Maria,030-1\n2,Bergs,Christina,NULL\n3,Chops,Yang,0452-3\n'

let db: Noydb

beforeEach(async () => {
  db = await openOffice('firm')
  template.configure(await db.openVault('acme'))
})

function plan(text: string, options: Partial<PlanForeignOptions> = {}): Promise<ImportPlan> {
  return planForeign(db, {
    vault: 'acme',
    profile: contacts,
    source: textSource('january.csv', text),
    reader: csvReader,
    naturalKeys: template.collections,
    ...options,
  })
}

async function book(name = 'contacts') {
  return (await db.openVault('acme', { create: false })).collection<Record<string, unknown>>(name)
}

async function byCompany(company: string) {
  const found = (await (await book()).entries()).find(({ record }) => record['company'] === company)
  if (found === undefined) throw new Error(`There is no ${company}.`)
  return found
}

describe('a monthly file', () => {
  it('brings records with where each came from; again it brings nothing', async () => {
    const receipt = await applyImport(db, await plan(january))
    expect(receipt.counts).toMatchObject({ insert: 3, refuse: 0 })
    const bergs = await byCompany('Bergs')
    expect(bergs.record).toEqual({ company: 'Bergs', name: 'Christina' })
    expect(bergs.metadata.source).toBe('january.csv, line 3')
    await expect(plan(january)).rejects.toMatchObject({ code: 'ALREADY_IMPORTED' })
    const renamed = await plan(`${january}\n`)
    expect(renamed.counts).toMatchObject({ insert: 0, equal: 3 })
  })

  it('is merged against the last one: own edits stay, true overlaps are asked about', async () => {
    await applyImport(db, await plan(january))
    const alfreds = await byCompany('Alfreds')
    const bergs = await byCompany('Bergs')
    await (await book()).put(alfreds.id, { ...alfreds.record, notes: 'pays late', phone: '030-99' })
    await (await book()).put(bergs.id, { ...bergs.record, name: 'Tina' })
    const february = january.replace('030-1', '030-2').replace('Yang', 'Yang Wang')
    const planned = await plan(february)
    expect(planned.counts).toMatchObject({ insert: 0, update: 1, queue: 1, keep: 1 })
    expect(planned.rows.find(({ outcome }) => outcome === 'queue')).toMatchObject({
      id: alfreds.id,
      overlaps: ['phone'],
    })
    const receipt = await applyImport(db, planned)
    expect((await byCompany('Chops')).record['name']).toBe('Yang Wang')
    expect((await byCompany('Bergs')).record['name']).toBe('Tina')
    const queue = await openConflictQueue(db)
    const [conflict] = (await queue.list({ status: 'open' })).rows
    if (conflict === undefined) throw new Error('nothing is queued')
    const view = await queue.get(conflict)
    await queue.decide(
      conflict,
      { kind: 'theirs' },
      { expectRowVersion: view.rowVersion, expectRecordVersion: view.currentVersion },
    )
    expect((await byCompany('Alfreds')).record).toMatchObject({ phone: '030-2', notes: 'pays late' })
    await undoImport(db, receipt.importId)
    expect((await byCompany('Alfreds')).record).toMatchObject({ phone: '030-99', notes: 'pays late' })
    expect((await byCompany('Chops')).record['name']).toBe('Yang')
  })

  it('is undone as a whole', async () => {
    const { importId } = await applyImport(db, await plan(january))
    expect(await planUndo(db, importId)).toMatchObject({ remove: 3 })
    await undoImport(db, importId)
    expect(await contents(db, 'acme')).toEqual({})
    expect((await plan(january)).counts.insert).toBe(3)
  })

  it('whose records moved meanwhile is planned anew', async () => {
    await applyImport(db, await plan(january))
    const planned = await plan(january.replace('030-1', '030-2'))
    const alfreds = await byCompany('Alfreds')
    await (await book()).put(alfreds.id, { ...alfreds.record, notes: 'x' })
    const error: unknown = await applyImport(db, planned).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'PLAN_STALE', fresh: { counts: { update: 1 } } })
  })

  it('with faulty rows waits until each is left out by its line', async () => {
    const planned = await plan('no,company\n1,Alfreds\n2\n,Nobody\n1,Again\n5,Echo,extra\n')
    expect(planned.counts).toMatchObject({ insert: 1, refuse: 4 })
    await expect(applyImport(db, planned)).rejects.toMatchObject({ code: 'ROWS_REFUSED' })
    expect(await contents(db, 'acme')).toEqual({})
    const exclude = ['line 3', 'line 4', 'line 5', 'line 6'].map((id) => ({
      vault: 'acme',
      collection: 'contacts',
      id,
    }))
    const receipt = await applyImport(db, planned, { exclude })
    expect(receipt.counts).toMatchObject({ insert: 1, refuse: 4 })
    expect(receipt.excluded.map(({ id, fault }) => [id, fault.code])).toEqual(
      exclude.map(({ id }) => [id, 'SOURCE_FAULT']),
    )
    expect((await listImports(db))[0]).toMatchObject({ fileName: 'january.csv', party: 'file:crm' })
  })

  it('is as old as it was written, and its plan the same whenever it is made', async () => {
    const source = { ...textSource('january.csv', january), writtenAt: '2026-02-01T08:00:00.000Z' }
    const first = await plan('', { source })
    expect(first.rows.map(({ incomingTs }) => incomingTs)).toEqual(first.rows.map(() => source.writtenAt))
    expect((await plan('', { source })).hash).toBe(first.hash)
    expect((await plan(january.replace('1', '2'))).hash).not.toBe(first.hash)
  })

  it('that changes while it is read is refused', async () => {
    let reads = 0
    const growing = {
      ...textSource('january.csv', january),
      async *chunks() {
        yield Buffer.from(`${january}${'9,Drachen,Sven,9\n'.repeat((reads += 1))}`)
      },
    }
    await expect(plan('', { source: growing })).rejects.toMatchObject({ code: 'SOURCE_CHANGED' })
  })

  it('for a vault that is not there, or of another kind, makes nothing', async () => {
    await expect(plan(january, { vault: 'acne' })).rejects.toMatchObject({ code: 'NO_ACCESS' })
    await expect(plan(january, { reader: ublReader })).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
    expect((await db.listAccessibleVaults()).map(({ id }) => id)).not.toContain('acne')
  })
})

describe('a possible duplicate', () => {
  async function queued() {
    await (await book()).put('mine', { company: ' ALFREDS', name: 'maria' })
    const planned = await plan(january)
    expect(planned.counts).toMatchObject({ insert: 2, queue: 1 })
    const { importId } = await applyImport(db, planned)
    const queue = await openConflictQueue(db)
    const page = await queue.list({ kind: 'possible-duplicate' })
    const [conflict] = page.rows
    if (conflict === undefined) throw new Error('nothing is queued')
    const view = await queue.get(conflict)
    return { importId, queue, conflict, view }
  }

  const seen = { expectRecordVersion: 0 }

  it('waits in the queue with what it may be a copy of', async () => {
    const { view, queue, importId } = await queued()
    expect(view.row).toMatchObject({ kind: 'possible-duplicate', duplicateOf: 'mine', ours: null })
    expect(view.row.theirs).toMatchObject({ company: 'Alfreds', name: 'Maria' })
    expect((await queue.counts()).byKind['possible-duplicate']).toBe(1)
    expect(await (await book()).count()).toBe(3)
    await undoImport(db, importId)
    expect(await (await book()).count()).toBe(1)
    expect((await queue.counts()).open).toBe(0)
  })

  it('taken as the same is left out, next month too', async () => {
    const { queue, conflict, view } = await queued()
    await queue.decide(conflict, { kind: 'ours' }, { ...seen, expectRowVersion: view.rowVersion })
    expect(await (await book()).count()).toBe(3)
    expect((await plan(`${january}4,Drachen,Sven,1\n`)).counts).toMatchObject({ insert: 1, queue: 0 })
  })

  it('taken as another is added, and goes again with the import', async () => {
    const { queue, conflict, view, importId } = await queued()
    await queue.decide(conflict, { kind: 'theirs' }, { ...seen, expectRowVersion: view.rowVersion })
    expect(await (await book()).count()).toBe(4)
    await undoImport(db, importId)
    expect(await (await book()).count()).toBe(1)
  })

  it('is also found within one file, and not without a natural key', async () => {
    const twice = 'no,company,name,phone\n1,Alfreds,Maria,1\n2,alfreds,MARIA,2\n3,Bergs,,3\n4,Bergs,,4\n'
    const planned = await plan(twice)
    expect(planned.rows.map(({ outcome }) => outcome).sort()).toEqual(['insert', 'insert', 'insert', 'queue'])
    const { naturalKeys: _none, ...without } = { naturalKeys: template.collections }
    const bare = await planForeign(db, {
      vault: 'acme',
      profile: contacts,
      source: textSource('x.csv', twice),
      reader: csvReader,
      ...without,
    })
    expect(bare.counts).toMatchObject({ insert: 4, queue: 0 })
  })
})

describe.skipIf(!hasData)('real files', () => {
  const northwind = parseProfile({
    format: 1,
    id: 'northwind',
    name: 'Northwind',
    kind: 'csv',
    collection: 'contacts',
    key: ['customerID'],
    emptyWords: ['NULL'],
    fields: [
      { path: 'company', from: { as: 'text', column: 'companyName' }, required: true },
      { path: 'name', from: { as: 'text', column: 'contactName' } },
      { path: 'fax', from: { as: 'text', column: 'fax' } },
      { path: 'address.city', from: { as: 'text', column: 'city' } },
    ],
  })

  it('Northwind customers dock, each of them; of the ragged file each row is taken or listed', async () => {
    const source = dataSource('northwind', 'customers.csv')
    await applyImport(db, await plan('', { profile: northwind, source }))
    expect(await (await book()).count()).toBe(91)
    const lines = dataText('northwind-ragged', 'customers.csv').trim().split('\n')
    const ragged = await plan('', {
      profile: northwind,
      source: dataSource('northwind-ragged', 'customers.csv'),
    })
    const { refuse, ...taken } = ragged.counts
    expect(refuse).toBe(lines.filter((line) => line.split(',').length !== 11).length)
    expect(refuse + Object.values(taken).reduce((sum, count) => sum + count, 0)).toBe(lines.length - 1)
  })

  it('the Peppol examples become invoices of the client', async () => {
    const names = readdirSync(join(dataFolder, 'peppol'))
    expect(names).toHaveLength(9)
    for (const [at, name] of names.entries()) {
      // The examples are of one supplier and repeat its numbers: here each is a source of its own.
      const profile = ublProfile(`peppol-${at}`, name)
      const options = {
        profile,
        reader: ublReader,
        naturalKeys: new Map(),
        source: dataSource('peppol', name),
      }
      const planned = await plan('', options)
      expect(planned.rows.map(({ outcome, fault }) => [name, outcome, fault])).toEqual([
        [name, 'insert', undefined],
      ])
      await applyImport(db, planned)
    }
    expect(await (await book('invoices')).count()).toBe(9)
  })
})
