/** What an import refuses, and what it leaves behind when it does: nothing. */
import { beforeEach, describe, expect, it } from 'vitest'
import { ref, type Noydb, type VaultApi } from '@noy-db/hub'
import { z } from 'zod'
import { exportBundle, type ExportBundleOptions } from '../exchange/export-bundle.ts'
import { contents, fill, openOffice } from '../fixture-office.ts'
import { openConflictQueue } from '../queue/conflict-queue.ts'
import { applyImport } from './apply.ts'
import { listImports } from './journal.ts'
import { planImport, type PlanImportOptions } from './plan.ts'
import type { Body, ImportPlan } from './types.ts'
import { planUndo, undoImport } from './undo.ts'

let client: Noydb
let firm: Noydb

beforeEach(async () => {
  client = await openOffice('client')
  firm = await openOffice('firm')
  await fill(client, 'books', {
    bills: { b1: { partner: 'p1', total: 100 }, b2: { partner: 'p2', total: 200 } },
    partners: { p1: { name: 'Ada' }, p2: { name: 'Bob' } },
  })
  await firm.openVault('acme')
})

async function pack(options: Partial<ExportBundleOptions> = {}) {
  const bundle = await exportBundle(client, { party: 'firm', vaults: [{ vault: 'books' }], ...options })
  const [handle = ''] = Object.keys(bundle.keys)
  return { container: bundle.container, keys: bundle.keys, into: { [handle]: 'acme' } }
}

async function plan(options: Partial<PlanImportOptions> = {}): Promise<ImportPlan> {
  return planImport(firm, { ...(await pack()), strategy: 'three-way', ...options })
}

function declareSchema(vault: VaultApi): void {
  vault.collection('partners', { schema: z.object({ id: z.string(), name: z.string().min(4) }) })
  vault.collection('bills', { refs: { partner: ref('partners') } })
}

function declareRefs(vault: VaultApi): void {
  vault.collection('bills', { refs: { partner: ref('partners') } })
}

async function firmPartners() {
  return (await firm.openVault('acme')).collection<Body>('partners')
}

describe('import', () => {
  it('writes what is referred to first', async () => {
    const planned = await plan({ declare: declareRefs })
    expect(planned.rows.map(({ collection }) => collection)).toEqual([
      'partners',
      'partners',
      'bills',
      'bills',
    ])
    expect((await applyImport(firm, planned)).counts.insert).toBe(4)
  })

  it('blocks on faulty rows and on rows that need them, until they are excluded by name', async () => {
    const planned = await plan({ declare: declareSchema })
    expect(planned.counts).toMatchObject({ refuse: 4, insert: 0 })
    expect(planned.rows.map(({ fault }) => [fault?.code, fault?.path])).toEqual([
      ['SCHEMA_VALIDATION_FAILED', 'name'],
      ['SCHEMA_VALIDATION_FAILED', 'name'],
      ['REF_INTEGRITY', 'partner'],
      ['REF_INTEGRITY', 'partner'],
    ])
    await expect(applyImport(firm, planned)).rejects.toMatchObject({
      code: 'ROWS_REFUSED',
      rows: { length: 4 },
    })
    expect(await contents(firm, 'acme')).toEqual({})
    const receipt = await applyImport(firm, planned, { exclude: planned.rows })
    expect(receipt.excluded).toHaveLength(4)
    expect(await contents(firm, 'acme')).toEqual({})
  })

  it('refuses a plan that the vault left behind, with the plan as it would be now', async () => {
    const planned = await plan()
    await (await firmPartners()).put('p1', { id: 'p1', name: 'Zoe' })
    const error: unknown = await applyImport(firm, planned).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'PLAN_STALE',
      moved: [{ vault: 'acme', collection: 'partners', id: 'p1' }],
      fresh: { counts: { insert: 3, queue: 1 } },
    })
    expect(await contents(firm, 'acme')).toEqual({ partners: { p1: { id: 'p1', name: 'Zoe' } } })
    await applyImport(firm, (error as { fresh: ImportPlan }).fresh)
  })

  it('refuses a plan that was altered', async () => {
    const planned = await plan()
    const [first, ...rest] = planned.rows
    const rows = [{ ...first, incoming: { id: 'p1', name: 'Eve' } }, ...rest] as ImportPlan['rows']
    await expect(applyImport(firm, { ...planned, rows })).rejects.toMatchObject({ code: 'PLAN_TAMPERED' })
    const expectedVersions = { acme: {} }
    await expect(applyImport(firm, { ...planned, expectedVersions })).rejects.toMatchObject({
      code: 'PLAN_TAMPERED',
    })
  })

  it('applies a plan that was stored as JSON meanwhile', async () => {
    const planned = JSON.parse(JSON.stringify(await plan())) as ImportPlan
    expect((await applyImport(firm, planned)).counts.insert).toBe(4)
  })

  it('leaves nothing behind when cancelled', async () => {
    const planned = await plan()
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    await expect(applyImport(firm, planned, {}, { signal: controller.signal })).rejects.toThrow('enough')
    expect(await contents(firm, 'acme')).toEqual({})
    expect(await listImports(firm)).toEqual([])
    await applyImport(firm, planned)
  })

  it('says so when the same bundle comes again, and takes it again after an undo', async () => {
    const packed = await pack()
    const options = { ...packed, strategy: 'three-way' as const }
    const first = await planImport(firm, options)
    await applyImport(firm, first)
    await expect(planImport(firm, options)).rejects.toMatchObject({
      code: 'ALREADY_IMPORTED',
      importId: first.id,
    })
    await undoImport(firm, first.id)
    expect(await contents(firm, 'acme')).toEqual({})
    await expect(undoImport(firm, first.id)).rejects.toMatchObject({ code: 'IMPORT_UNDONE' })
    const second = await planImport(firm, options)
    expect(second.sender).toMatchObject({ state: 'unknown', sequenceState: 'first' })
    expect((await applyImport(firm, second)).counts).toEqual(first.counts)
  })

  it('queues the same conflicts again after an undo', async () => {
    await (await firmPartners()).put('p1', { id: 'p1', name: 'Zoe' })
    const options = { ...(await pack()), strategy: 'three-way' as const }
    const first = await planImport(firm, options)
    await applyImport(firm, first)
    const queue = await openConflictQueue(firm)
    const [before] = (await queue.list({ status: 'open' })).rows
    const undo = await planUndo(firm, first.id)
    expect(undo).toMatchObject({ remove: 3, restore: 0, withdraw: 1, recall: [], refused: [] })
    await undoImport(firm, first.id, { expectHash: undo.hash })
    expect(await queue.counts()).toMatchObject({ open: 0, recalled: 1 })
    const second = await planImport(firm, options)
    await applyImport(firm, second)
    const [after] = (await queue.list({ status: 'open' })).rows
    expect(after).toEqual({ ...before, importId: second.id, queuedAt: after?.queuedAt })
  })

  it('leaves records edited since an import as they are, and lists them', async () => {
    const planned = await plan()
    await applyImport(firm, planned)
    await (await firmPartners()).put('p1', { id: 'p1', name: 'Ada Ltd' })
    const undo = await planUndo(firm, planned.id)
    expect(undo).toMatchObject({ remove: 3, refused: [{ vault: 'acme', collection: 'partners', id: 'p1' }] })
    await (await firmPartners()).put('p2', { id: 'p2', name: 'Bob Ltd' })
    await expect(undoImport(firm, planned.id, { expectHash: undo.hash })).rejects.toMatchObject({
      code: 'UNDO_STALE',
    })
    await undoImport(firm, planned.id)
    expect(Object.keys((await contents(firm, 'acme'))['partners'] ?? {})).toEqual(['p1', 'p2'])
  })

  it('does not undo what later records refer to', async () => {
    const planned = await plan({ declare: declareRefs })
    await applyImport(firm, planned)
    const bills = (await firm.openVault('acme')).collection<Body>('bills')
    await bills.put('own', { id: 'own', partner: 'p1' })
    const before = await contents(firm, 'acme')
    await expect(undoImport(firm, planned.id)).rejects.toMatchObject({ code: 'UNDO_REFUSED' })
    expect(await contents(firm, 'acme')).toEqual(before)
  })

  it('tells a gap, a fork and another key from the message that should come next', async () => {
    await applyImport(firm, await plan())
    await pack()
    const gap = await plan()
    expect(gap.sender).toMatchObject({ sequenceState: 'gap', sequence: 3, lastSequence: 1 })
    await applyImport(firm, gap)
    client = await openOffice('client')
    await fill(client, 'books', { partners: { p1: { name: 'Ada' } } })
    const other = await plan({ strategy: 'take-incoming' })
    expect(other.sender).toMatchObject({ state: 'changed', sequenceState: 'replay' })
    await expect(applyImport(firm, other)).rejects.toMatchObject({ code: 'SENDER_KEY_CHANGED' })
    await expect(applyImport(firm, other, { acceptChangedKey: true })).rejects.toMatchObject({
      code: 'SEQUENCE_REFUSED',
    })
    await applyImport(firm, other, { acceptChangedKey: true, acceptSequence: true })
  })

  it('keeps fields outside a narrowed bundle, and compares only what came', async () => {
    await applyImport(firm, await plan())
    const partners = await firmPartners()
    await partners.put('p1', { id: 'p1', name: 'Ada', vat: 'CHE-1' })
    await fill(client, 'books', { partners: { p1: { name: 'Ada Ltd', secret: 'x' } } })
    const packed = await pack({
      vaults: [
        { vault: 'books', collections: ['partners'], fieldProjection: { partners: ['name'], bills: [] } },
      ],
    })
    const narrowed = await planImport(firm, { ...packed, strategy: 'take-incoming' })
    expect(narrowed.counts).toMatchObject({ update: 1, equal: 1 })
    await applyImport(firm, narrowed)
    expect(await partners.get('p1')).toEqual({ id: 'p1', name: 'Ada Ltd', vat: 'CHE-1' })
  })

  it('needs a key for each compartment, and the right one', async () => {
    const packed = await pack()
    const [handle = ''] = Object.keys(packed.keys)
    const strategy = 'three-way' as const
    await expect(planImport(firm, { ...packed, keys: {}, strategy })).rejects.toMatchObject({
      code: 'KEY_MISSING',
    })
    const short = { [handle]: new Uint8Array(3) }
    await expect(planImport(firm, { ...packed, keys: short, strategy })).rejects.toMatchObject({
      code: 'KEY_INVALID',
    })
    const wrong = { [handle]: new Uint8Array(32) }
    await expect(planImport(firm, { ...packed, keys: wrong, strategy })).rejects.toMatchObject({
      code: 'TRANSFER_SEAL',
    })
  })
})
