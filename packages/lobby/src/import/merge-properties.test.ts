/** What holds for any merge: it is the same every time, does what its plan says, goes in either order, and goes back. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Noydb } from '@noy-db/hub'
import { BASES, type BaseRow } from '../exchange/bases.ts'
import { exportBundle } from '../exchange/export-bundle.ts'
import { contents, openOffice } from '../fixture-office.ts'
import { ownIdentity } from '../identity/own-identity.ts'
import { openConflictQueue } from '../queue/conflict-queue.ts'
import { applyImport } from './apply.ts'
import { planImport, type PlanImportOptions } from './plan.ts'
import { writesRecord, writtenBody } from './row-effect.ts'
import type { Body, ImportPlan } from './types.ts'
import { undoImport } from './undo.ts'

const RUNS = { numRuns: 15 }
const IDS = ['a', 'b/c', '😀']
const START: Body = { x: 0, y: 0, lines: [{ id: 1, q: 0 }] }

/** What one office does to a record: nothing, an edit of some fields, or its deletion. */
type Change = Partial<Body> | null

const change = fc.oneof(
  { weight: 5, arbitrary: fc.record({ x: fc.nat(3), y: fc.nat(3) }, { requiredKeys: [] }) },
  { weight: 2, arbitrary: fc.constantFrom(1, 2).map((id) => ({ lines: [{ id, q: 1 }] })) },
  { weight: 1, arbitrary: fc.constant(null) },
)
const changes = fc.dictionary(fc.constantFrom(...IDS), change)

async function office(name: string): Promise<Noydb> {
  const db = await openOffice(name)
  await ownIdentity(db, { party: name })
  await db.openVault('books')
  return db
}

async function makeChanges(db: Noydb, all: Readonly<Record<string, Change>>): Promise<void> {
  const things = (await db.openVault('books')).collection<Body>('things')
  for (const [id, wanted] of Object.entries(all)) {
    if (wanted === null) await things.delete(id)
    else await things.put(id, { ...START, id, ...(await things.get(id)), ...wanted })
  }
}

async function pack(from: Noydb, party: string): Promise<PlanImportOptions> {
  const { container, keys } = await exportBundle(from, {
    party,
    vaults: [{ vault: 'books' }],
    tombstones: true,
  })
  const into = Object.fromEntries(Object.keys(keys).map((handle) => [handle, 'books']))
  return { container, keys, into, strategy: 'three-way' }
}

async function take(to: Noydb, options: PlanImportOptions): Promise<ImportPlan> {
  const plan = await planImport(to, options)
  await applyImport(to, plan)
  return plan
}

/** Offices that all start from what the firm sent them. */
async function start(...names: string[]): Promise<{ firm: Noydb; others: Noydb[] }> {
  const firm = await office('firm')
  await makeChanges(firm, Object.fromEntries(IDS.map((id) => [id, {}])))
  const others: Noydb[] = []
  for (const name of names) {
    const other = await office(name)
    await take(other, await pack(firm, name))
    others.push(other)
  }
  return { firm, others }
}

async function edited(ours: Readonly<Record<string, Change>>, theirs: Readonly<Record<string, Change>>) {
  const { firm, others } = await start('client')
  const [client = firm] = others
  await makeChanges(client, theirs)
  await makeChanges(firm, ours)
  return { firm, options: await pack(client, 'firm') }
}

async function state(db: Noydb) {
  const bases = await (await db.openVault('books')).sidecar<BaseRow>(BASES).list()
  const rows = bases.map(({ row }): [string, BaseRow] => [row.recordId + row.party, row])
  return { records: await contents(db, 'books'), bases: Object.fromEntries(rows) }
}

describe('a merge', () => {
  it('is the same every time, and does what its plan says', async () => {
    await fc.assert(
      fc.asyncProperty(changes, changes, async (ours, theirs) => {
        const { firm, options } = await edited(ours, theirs)
        const plan = await planImport(firm, options)
        expect((await planImport(firm, options)).rows).toEqual(plan.rows)
        const expected = new Map(Object.entries((await contents(firm, 'books'))['things'] ?? {}))
        for (const row of plan.rows.filter(writesRecord)) {
          const body = writtenBody(row)
          if (body === null) expected.delete(row.id)
          else expected.set(row.id, body)
        }
        await applyImport(firm, plan)
        expect((await contents(firm, 'books'))['things'] ?? {}).toEqual(Object.fromEntries(expected))
        expect((await (await openConflictQueue(firm)).counts()).open).toBe(plan.counts.queue)
      }),
      RUNS,
    )
  })

  it('of two offices comes to the same in either order where they do not overlap', async () => {
    await fc.assert(
      fc.asyncProperty(changes, changes, async (left, right) => {
        const results: unknown[] = []
        for (const order of [
          [0, 1],
          [1, 0],
        ]) {
          const { firm, others } = await start('ann', 'bob')
          const packed: PlanImportOptions[] = []
          for (const [at, other] of others.entries()) {
            await makeChanges(other, [left, right][at] ?? {})
            packed.push(await pack(other, 'firm'))
          }
          for (const at of order) {
            const options = packed[at]
            if (options !== undefined) fc.pre((await take(firm, options)).counts.queue === 0)
          }
          results.push(await contents(firm, 'books'))
        }
        expect(results[0]).toEqual(results[1])
      }),
      RUNS,
    )
  })

  it('is undone with the decisions built on it, and can be taken again', async () => {
    await fc.assert(
      fc.asyncProperty(changes, changes, fc.constantFrom('ours', 'theirs'), async (ours, theirs, side) => {
        const { firm, options } = await edited(ours, theirs)
        const before = await state(firm)
        const plan = await take(firm, options)
        const queue = await openConflictQueue(firm)
        const preview = await queue.previewMany({}, { take: side })
        if (preview.matched > 0) await queue.decideMany({}, { take: side }, { expectHash: preview.hash })
        await undoImport(firm, plan.id)
        expect(await state(firm)).toEqual(before)
        expect((await queue.counts()).open).toBe(0)
        expect((await take(firm, options)).counts).toEqual(plan.counts)
      }),
      RUNS,
    )
  })
})
