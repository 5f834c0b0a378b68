/** What holds for any two vaults: over generated records on both sides, whatever the strategy. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Noydb } from '@noy-db/hub'
import { exportBundle } from '../exchange/export-bundle.ts'
import { BASES, type BaseRow } from '../exchange/bases.ts'
import { contents, fill, openOffice } from '../fixture-office.ts'
import { openConflictQueue } from '../queue/conflict-queue.ts'
import { applyImport } from './apply.ts'
import { planImport, type PlanImportOptions } from './plan.ts'
import type { Body, ImportPlan } from './types.ts'
import { undoImport } from './undo.ts'

const RUNS = { numRuns: 12 }

const id = fc.constantFrom('a', 'b/c', 'd', '😀', 'constructor')
const body = fc.record({
  n: fc.integer({ min: 0, max: 2 }),
  t: fc.constantFrom('x', 'y'),
  lines: fc.uniqueArray(
    fc.record({ id: fc.integer({ min: 1, max: 3 }), q: fc.integer({ min: 0, max: 1 }) }),
    {
      selector: (line) => line.id,
    },
  ),
})
const rows = fc.dictionary(id, body).map((found) => ({ things: found }))
const strategy = fc.constantFrom('three-way', 'take-incoming', 'keep-local', 'manual-queue', 'lww-by-ts')

interface Case {
  readonly client: Noydb
  readonly firm: Noydb
  readonly options: PlanImportOptions
  readonly planned: ImportPlan
}

const scenario = fc.record({ first: rows, theirs: rows, ours: rows, strategy })

/** An exchange, then edits on both sides, then the bundle under test. */
async function prepare(data: typeof scenario extends fc.Arbitrary<infer T> ? T : never): Promise<Case> {
  const client = await openOffice('client')
  const firm = await openOffice('firm')
  await firm.openVault('acme')
  await fill(client, 'books', data.first)
  await take(firm, await pack(client, 'three-way'))
  await fill(client, 'books', data.theirs)
  await fill(firm, 'acme', data.ours)
  const options = await pack(client, data.strategy)
  return { client, firm, options, planned: await planImport(firm, options) }
}

async function pack(client: Noydb, taken: PlanImportOptions['strategy']): Promise<PlanImportOptions> {
  const bundle = await exportBundle(client, { party: 'firm', vaults: [{ vault: 'books' }] })
  const into = Object.fromEntries(Object.keys(bundle.keys).map((handle) => [handle, 'acme']))
  return { container: bundle.container, keys: bundle.keys, into, strategy: taken }
}

async function take(firm: Noydb, options: PlanImportOptions): Promise<void> {
  await applyImport(firm, await planImport(firm, options))
}

async function bases(db: Noydb): Promise<Record<string, Body | null>> {
  const stored = await (await db.openVault('acme')).sidecar<BaseRow>(BASES).list()
  return Object.fromEntries(stored.map(({ row }) => [row.recordId, row.body]))
}

describe('an import', () => {
  it('does what its plan counted', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (data) => {
        const { firm, planned } = await prepare(data)
        const before = await contents(firm, 'acme')
        const receipt = await applyImport(firm, planned)
        expect(receipt.counts).toEqual(planned.counts)
        const after = await contents(firm, 'acme')
        const changed = Object.entries(after['things'] ?? {}).filter(
          ([key, now]) => JSON.stringify(now) !== JSON.stringify(before['things']?.[key]),
        )
        const { insert, update, merge, queue } = planned.counts
        expect(changed).toHaveLength(insert + update + merge)
        expect((await (await openConflictQueue(firm)).counts()).open).toBe(queue)
      }),
      RUNS,
    )
  })

  it('applied twice is applied once', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (data) => {
        const { firm, options, planned } = await prepare(data)
        await applyImport(firm, planned)
        const after = await contents(firm, 'acme')
        await expect(applyImport(firm, planned)).rejects.toMatchObject({ code: 'ALREADY_IMPORTED' })
        await expect(planImport(firm, options)).rejects.toMatchObject({ code: 'ALREADY_IMPORTED' })
        expect(await contents(firm, 'acme')).toEqual(after)
      }),
      RUNS,
    )
  })

  it('undone leaves what was there, and can be taken again', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (data) => {
        const { firm, options, planned } = await prepare(data)
        const before = { records: await contents(firm, 'acme'), bases: await bases(firm) }
        await applyImport(firm, planned)
        const applied = { records: await contents(firm, 'acme'), bases: await bases(firm) }
        await undoImport(firm, planned.id)
        expect({ records: await contents(firm, 'acme'), bases: await bases(firm) }).toEqual(before)
        const again = await planImport(firm, options)
        if (data.strategy !== 'lww-by-ts') expect(again.counts).toEqual(planned.counts)
        await applyImport(firm, again)
        if (data.strategy !== 'lww-by-ts') {
          expect({ records: await contents(firm, 'acme'), bases: await bases(firm) }).toEqual(applied)
        }
      }),
      RUNS,
    )
  })

  it('with every conflict decided and the decisions undone is as it was', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, fc.constantFrom('theirs', 'ours', 'newest'), async (data, side) => {
        const { firm, planned } = await prepare(data)
        await applyImport(firm, planned)
        const before = await contents(firm, 'acme')
        const queue = await openConflictQueue(firm)
        const preview = await queue.previewMany({}, { take: side })
        if (preview.matched === 0) return
        const { batchId, decided } = await queue.decideMany({}, { take: side }, { expectHash: preview.hash })
        expect(decided).toBe(preview.matched)
        await queue.undo(batchId)
        expect(await contents(firm, 'acme')).toEqual(before)
        expect((await queue.counts()).open).toBe(preview.found)
      }),
      RUNS,
    )
  })

  it('sent back after a three-way merge without conflicts makes both sides the same', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async (data) => {
        const { client, firm, planned } = await prepare({ ...data, strategy: 'three-way' })
        await applyImport(firm, planned)
        fc.pre(planned.counts.queue === 0)
        const { container, keys } = await exportBundle(firm, { party: 'client', vaults: [{ vault: 'acme' }] })
        const into = Object.fromEntries(Object.keys(keys).map((handle) => [handle, 'books']))
        const back = await planImport(client, { container, keys, into, strategy: 'three-way' })
        expect(back.counts).toMatchObject({ queue: 0, merge: 0, keep: 0, refuse: 0 })
        await applyImport(client, back)
        expect(await contents(client, 'books')).toEqual(await contents(firm, 'acme'))
      }),
      RUNS,
    )
  })
})
