/** Declared merges under a template's rules and closed periods, and with records of the sender that are gone. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createNoydb, type DecryptedRecord, type Noydb, type Vault } from '@noy-db/hub'
import { extractPartition } from '@noy-db/hub/bundle'
import { memory } from '@noy-db/hub/memory'
import { CHEAP_KDF, contents, fill } from '../fixture-office.ts'
import { planUndo, undoImport } from '../import/undo.ts'
import type { Body } from '../import/types.ts'
import { closePeriods, periodBook } from '../invariants/closed-periods.ts'
import { listExceptions } from '../invariants/exceptions.ts'
import { PeriodLock } from '../invariants/period-lock.ts'
import { templateRules } from '../invariants/template-rules.ts'
import type { RulesOf } from '../invariants/types.ts'
import { compileTemplate, parseTemplate } from '../templates/index.ts'
import { createExpressionRunner } from '../templates/runner/runner.ts'
import { mergeCompartment } from './merge-compartment.ts'
import { mergeDecryptedRecords } from './merge-records.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())
const file = new URL('../../../../resources/templates/client-accounting.json', import.meta.url)
const template = compileTemplate(parseTemplate(readFileSync(file)))

const TS = '2999-01-01T00:00:00.000Z'
const strategy = 'take-incoming'
let db: Noydb
let vault: Vault
let rules: RulesOf

function invoice(number: string, net: number, freight = net, issueDate = '2026-05-10'): Body {
  return { id: number, number, issueDate, currency: 'EUR', lines: [], freight, net, total: net }
}

function sent(...bodies: Body[]): Record<string, DecryptedRecord[]> {
  return { invoices: bodies.map((record) => ({ id: String(record['id']), record, ts: TS, version: 2 })) }
}

beforeEach(async () => {
  const periodOf = (_vault: string, collection: string, record: unknown): string | null =>
    template.collections.get(collection)?.periodOf(record) ?? null
  const lock = new PeriodLock({ collections: (name) => name === 'books', periodOf })
  db = await createNoydb({
    store: memory(),
    user: 'firm',
    secret: 's',
    kdf: CHEAP_KDF,
    guardStrategies: lock.guards,
    history: true,
  })
  lock.attach(db)
  vault = await db.openVault('books')
  const judged = templateRules(template, { runner, closed: () => periodBook(vault) })
  rules = () => judged
  await fill(db, 'books', { invoices: { a: invoice('a', 100), b: invoice('b', 200) } })
})

describe('a merge with rules', () => {
  it('names what would break, and writes it only with a reason, which is reported', async () => {
    const incoming = sent(invoice('a', 150, 100), invoice('b', 250))
    const before = await contents(db, 'books')
    const dry = await mergeDecryptedRecords(vault, incoming, { strategy, rules, dryRun: true })
    expect(dry.broken).toMatchObject([{ id: 'a', broken: [{ rule: 'lines-sum' }] }])
    await expect(mergeDecryptedRecords(vault, incoming, { strategy, rules })).rejects.toMatchObject({
      code: 'RULES_BROKEN',
      rows: [{ id: 'a' }],
    })
    expect(await contents(db, 'books')).toEqual(before)
    const override = { reason: 'as on paper' }
    const { importId } = await mergeDecryptedRecords(vault, incoming, { strategy, rules, override })
    expect(await listExceptions(db)).toMatchObject([
      { id: 'a', rule: 'lines-sum', reason: 'as on paper', command: 'merge', origin: importId },
    ])
    expect((await contents(db, 'books'))['invoices']).toMatchObject({ a: { net: 150 }, b: { net: 250 } })
  })

  it('asks nothing for what was broken before', async () => {
    await fill(db, 'books', { invoices: { a: invoice('a', 150, 100) } })
    const incoming = sent({ ...invoice('a', 150, 100), notes: 'seen' })
    const { broken } = await mergeDecryptedRecords(vault, incoming, { strategy, rules })
    expect(broken).toBeUndefined()
  })

  it('is kept out of a period that is closed up to', async () => {
    await closePeriods(db, [vault], { through: '2026-06' })
    await expect(
      mergeDecryptedRecords(vault, sent(invoice('c', 5)), { strategy, rules }),
    ).rejects.toMatchObject({ code: 'RULES_BROKEN', rows: [{ id: 'c', broken: [{ period: '2026-05' }] }] })
    // Nobody judged: the guard does.
    await expect(mergeDecryptedRecords(vault, sent(invoice('c', 5)), { strategy })).rejects.toMatchObject({
      code: 'RECORD_LOCKED',
      period: '2026-05',
      vault: 'books',
    })
    await mergeDecryptedRecords(vault, sent(invoice('c', 5, 5, '2026-07-01')), { strategy, rules })
  })
})

describe('an undo into a period that was closed since', () => {
  it('is named before, refused without a reason, and reported with one', async () => {
    const { importId = '' } = await mergeDecryptedRecords(
      vault,
      sent(invoice('a', 150), invoice('c', 5, 5, '2026-07-01')),
      { strategy, rules },
    )
    const merged = await contents(db, 'books')
    expect(await planUndo(db, importId, { rules })).not.toHaveProperty('broken')
    await closePeriods(db, [vault], { through: '2026-06' })
    const { hash, broken } = await planUndo(db, importId, { rules })
    expect(broken).toMatchObject([{ id: 'a', broken: [{ rule: 'period-open', period: '2026-05' }] }])
    await expect(undoImport(db, importId, { rules })).rejects.toMatchObject({ code: 'RULES_BROKEN' })
    // Nobody judged: the guard does.
    await expect(undoImport(db, importId)).rejects.toMatchObject({ code: 'UNDO_REFUSED' })
    const blank = undoImport(db, importId, { rules, override: { reason: ' ' } })
    await expect(blank).rejects.toMatchObject({ code: 'DECISION_INVALID' })
    expect(await contents(db, 'books')).toEqual(merged)
    expect(await listExceptions(db)).toEqual([])

    const override = { reason: 'the wrong client' }
    await undoImport(db, importId, { rules, override, expectHash: hash })
    const { invoices } = await contents(db, 'books')
    expect(invoices).toMatchObject({ a: { net: 100 } })
    expect(invoices).not.toHaveProperty('c')
    expect(await listExceptions(db)).toMatchObject([
      { id: 'a', rule: 'period-open', reason: 'the wrong client', command: 'imports.undo', origin: importId },
    ])
  })

  it('asks no reason for other rules: what it puts back was there before', async () => {
    await fill(db, 'books', { invoices: { a: invoice('a', 150, 100) } })
    const { importId = '' } = await mergeDecryptedRecords(vault, sent(invoice('a', 100)), { strategy, rules })
    expect(await planUndo(db, importId, { rules })).not.toHaveProperty('broken')
    await undoImport(db, importId, { rules })
    expect((await contents(db, 'books'))['invoices']).toMatchObject({ a: { net: 150 } })
  })
})

describe('a merge with deletions', () => {
  const deletions = [{ collection: 'invoices', id: 'a', at: TS }]
  const party = 'client'
  const merged = { strategy: 'three-way', party, deletions } as const

  /** Both sides have the two invoices as they are here. */
  beforeEach(async () => {
    await mergeDecryptedRecords(vault, sent(invoice('a', 100), invoice('b', 200)), { strategy, party })
  })

  it('takes records away that were not changed here, counts them apart, and can be undone', async () => {
    const before = await contents(db, 'books')
    const report = await mergeDecryptedRecords(vault, sent(invoice('b', 250)), { ...merged, rules })
    expect(report).toMatchObject({
      summary: { updated: 1, deleted: 1, total: 1 },
      conflicts: [{ id: 'a', resolution: 'incoming' }, { id: 'b' }],
    })
    expect(Object.keys((await contents(db, 'books'))['invoices'] ?? {})).toEqual(['b'])
    await undoImport(db, report.importId ?? '')
    expect(await contents(db, 'books')).toEqual(before)
  })

  it('asks where the record was changed here, and keeps it where ours counts', async () => {
    await fill(db, 'books', { invoices: { a: { ...invoice('a', 100), notes: 'still due' } } })
    const asked = await mergeDecryptedRecords(vault, {}, { ...merged, dryRun: true })
    expect(asked.summary).toEqual({ inserted: 0, updated: 0, skipped: 0, queued: 1, total: 1 })
    const kept = await mergeDecryptedRecords(vault, {}, { ...merged, strategy: 'keep-local' })
    expect(kept.summary).toEqual({ inserted: 0, updated: 0, skipped: 1, queued: 0, total: 1 })
  })

  it('is kept out of closed periods, unless a reason is given', async () => {
    await closePeriods(db, [vault], ['2026-05'])
    await expect(mergeDecryptedRecords(vault, {}, { ...merged, rules })).rejects.toMatchObject({
      code: 'RULES_BROKEN',
    })
    await mergeDecryptedRecords(vault, {}, { ...merged, rules, override: { reason: 'booked twice' } })
    expect(await listExceptions(db)).toMatchObject([{ id: 'a', rule: 'period-open', reason: 'booked twice' }])
  })

  it('takes them beside a compartment, too', async () => {
    const seeds = { invoices: (record: Body) => record['id'] === 'b' }
    const { bundleBytes, transferKey } = await extractPartition(vault, { seeds })
    const report = await mergeCompartment(vault, bundleBytes, { ...merged, transferKey })
    expect(report.summary).toMatchObject({ deleted: 1 })
  })
})
