/** Rules of the template before anything is written, closed periods where everything is, and what is noted of exceptions. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { createNoydb, type Noydb, type VaultApi } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { exportBundle } from '../exchange/export-bundle.ts'
import { CHEAP_KDF, contents, fill, openOffice } from '../fixture-office.ts'
import { ownIdentity } from '../identity/own-identity.ts'
import { applyImport } from '../import/apply.ts'
import { planImport, type PlanImportOptions } from '../import/plan.ts'
import type { Body } from '../import/types.ts'
import { undoImport } from '../import/undo.ts'
import { openConflictQueue, type ConflictQueue } from '../queue/conflict-queue.ts'
import type { ConflictView } from '../queue/types.ts'
import { compiled } from '../templates/fixture-template.ts'
import { createExpressionRunner } from '../templates/runner/runner.ts'
import { closedPeriods, closePeriod, reopenPeriod } from './closed-periods.ts'
import { PeriodLock } from './period-lock.ts'
import { listExceptions, putException } from './exceptions.ts'
import { templateRules, templateStrictness } from './template-rules.ts'
import type { RulesOf } from './types.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())

const amount = { type: 'integer' }
const template = compiled((file) => {
  file.version = 1
  file.transforms = []
  file.collections = {
    bills: {
      label: { one: 'Bill', many: 'Bills' },
      title: 'Bill {date}',
      period: 'date',
      columns: ['date'],
      fields: [
        { path: 'date', label: 'Date', type: 'date' },
        { path: 'currency', label: 'Currency', type: 'text' },
        { path: 'total', label: 'Total', type: 'money', currencyPath: 'currency' },
        { path: 'lines.*.amount', label: 'Lines', type: 'money', currencyPath: 'currency' },
      ],
      refs: [],
      indexes: [],
      merge: 'record',
      rules: [
        { name: 'lines-total', rule: 'sum', parts: ['lines.*.amount'], equals: 'total', message: 'Off.' },
        {
          name: 'not-negative',
          rule: 'expression',
          expression: '$not(total < 0)',
          message: 'Negative.',
          enforce: 'refuse',
        },
        { name: 'period-open', rule: 'period-open', message: 'Closed.' },
      ],
      schema: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          date: { type: 'string', format: 'date' },
          currency: { type: 'string' },
          total: amount,
          lines: {
            type: 'array',
            items: { type: 'object', properties: { id: amount, amount } },
          },
        },
      },
    },
  }
})

let client: Noydb
let firm: Noydb
let books: VaultApi
let rules: RulesOf

function bill(one: number, two: number, total = one + two, date = '2026-05-10'): Body {
  const lines = [
    { id: 1, amount: one },
    { id: 2, amount: two },
  ]
  return { date, currency: 'EUR', total, lines }
}

beforeEach(async () => {
  client = await openOffice('client')
  const lock = new PeriodLock({
    collections: ['bills'],
    periodOf: (_vault, collection, record) => template.collections.get(collection)?.periodOf(record) ?? null,
  })
  firm = await createNoydb({
    store: memory(),
    user: 'firm',
    secret: 's',
    kdf: CHEAP_KDF,
    guardStrategies: lock.guards,
    history: true,
  })
  lock.attach(firm)
  await ownIdentity(client, { party: 'client' })
  await ownIdentity(firm, { party: 'firm' })
  await fill(client, 'books', { bills: { b1: bill(100, 50), b2: bill(10, 10) } })
  books = await firm.openVault('books')
  const closed = async (): Promise<ReadonlySet<string>> => new Set((await closedPeriods(books)).keys())
  const judged = templateRules(template, { runner, closed })
  rules = () => judged
  await applyImport(firm, await planImport(firm, await pack()))
})

async function pack(): Promise<PlanImportOptions> {
  const { container, keys } = await exportBundle(client, {
    party: 'firm',
    vaults: [{ vault: 'books' }],
    tombstones: true,
  })
  const into = Object.fromEntries(Object.keys(keys).map((handle) => [handle, 'books']))
  return { container, keys, into, strategy: 'three-way', rules }
}

async function put(db: Noydb, id: string, body: Body): Promise<void> {
  await (await db.openVault('books')).collection<Body>('bills').put(id, { id, ...body })
}

/** Both changed one line and the total with it: every line merges by itself, the total does not. */
async function conflict(): Promise<{ queue: ConflictQueue; view: ConflictView; ref: ConflictView['row'] }> {
  await put(client, 'b1', bill(100, 60))
  await put(firm, 'b1', bill(120, 50))
  await applyImport(firm, await planImport(firm, await pack()))
  const queue = await openConflictQueue(firm, { rules })
  const [ref] = (await queue.list({ status: 'open' })).rows
  if (ref === undefined) throw new Error('expected a conflict')
  const view = await queue.get(ref)
  return { queue, view, ref: view.row }
}

function seen({ rowVersion, currentVersion }: ConflictView) {
  return { expectRowVersion: rowVersion, expectRecordVersion: currentVersion }
}

describe('a plan with rules', () => {
  it('says what amounts change, by record and in all', async () => {
    await put(client, 'b1', bill(100, 60))
    await put(client, 'b3', bill(1, 2))
    const plan = await planImport(firm, await pack())
    expect(plan.rows.find(({ id }) => id === 'b1')?.effects).toEqual([
      { path: 'total', label: 'Total', currency: 'EUR', before: 150, after: 160, delta: 10 },
      { path: 'lines.*.amount', label: 'Lines', currency: 'EUR', before: 150, after: 160, delta: 10 },
    ])
    const total = { vault: 'books', collection: 'bills', path: 'total', label: 'Total', currency: 'EUR' }
    expect(plan.effects).toContainEqual({ ...total, delta: 13, records: 2 })
  })

  it('wants a reason for what breaks a rule, and reports it', async () => {
    await put(client, 'b1', bill(100, 60, 999))
    const plan = await planImport(firm, await pack())
    expect(plan.rows).toMatchObject([{ outcome: 'update', broken: [{ rule: 'lines-total', path: 'total' }] }])
    const before = await contents(firm, 'books')
    await expect(applyImport(firm, plan)).rejects.toMatchObject({
      code: 'RULES_BROKEN',
      rows: [{ id: 'b1', broken: [{ rule: 'lines-total' }] }],
    })
    expect(await contents(firm, 'books')).toEqual(before)
    await applyImport(firm, plan, { override: { reason: 'as on paper' } })
    expect(await listExceptions(firm)).toMatchObject([
      {
        vault: 'books',
        collection: 'bills',
        id: 'b1',
        rule: 'lines-total',
        reason: 'as on paper',
        actor: 'firm',
        command: 'imports.apply',
        origin: plan.id,
      },
    ])
  })

  it('refuses what the template never allows', async () => {
    await put(client, 'b1', bill(-100, 50))
    const plan = await planImport(firm, await pack())
    expect(plan.rows).toMatchObject([
      { outcome: 'refuse', fault: { code: 'RULE_BROKEN', message: 'Negative.' } },
    ])
    const override = { reason: 'please' }
    await expect(applyImport(firm, plan, { override })).rejects.toMatchObject({ code: 'ROWS_REFUSED' })
  })
})

it('a collection is merged as strictly as its template says', async () => {
  await put(client, 'b1', { ...bill(100, 50), currency: 'CHF' })
  await put(firm, 'b1', bill(100, 50, 150, '2026-05-11'))
  const options = await pack()
  expect((await planImport(firm, options)).counts).toMatchObject({ merge: 1, queue: 0 })
  const strictness = templateStrictness(template)
  expect((await planImport(firm, { ...options, strictness })).counts).toMatchObject({ merge: 0, queue: 1 })
  const misspelt = { bills: 'recrod' as never } // what a caller without types may pass
  await expect(planImport(firm, { ...options, strictness: misspelt })).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
  })
})

describe('a decision with rules', () => {
  it('shows what each way would do', async () => {
    const { queue, ref } = await conflict()
    const outcomes = await queue.outcomes(ref)
    const shown = outcomes.map(({ resolution, preview: { broken = [], effects = [] } }) => [
      resolution.kind === 'fields' ? Object.keys(resolution.picks)[0] : resolution.kind,
      broken.map(({ rule }) => rule),
      effects.map(({ path, delta }) => [path, delta]),
    ])
    expect(shown).toEqual([
      ['ours', [], []],
      [
        'theirs',
        [],
        [
          ['total', -10],
          ['lines.*.amount', -10],
        ],
      ],
      ['total', ['lines-total'], [['total', -10]]],
      ['lines.1.amount', ['lines-total'], [['lines.*.amount', -20]]],
      ['lines.2.amount', ['lines-total'], [['lines.*.amount', 10]]],
    ])
  })

  it('against a rule needs a reason, and never goes against one that always holds', async () => {
    const { queue, view, ref } = await conflict()
    const wrong = { kind: 'fields', picks: { total: { pick: 'theirs' } } } as const
    await expect(queue.decide(ref, wrong, seen(view))).rejects.toMatchObject({ code: 'RULES_BROKEN' })
    const blank = { ...seen(view), override: { reason: ' ' } }
    await expect(queue.decide(ref, wrong, blank)).rejects.toMatchObject({ code: 'DECISION_INVALID' })
    const negative = { kind: 'fields', picks: { total: { pick: 'custom', value: -1 } } } as const
    const override = { reason: 'credit' }
    await expect(queue.decide(ref, negative, { ...seen(view), override })).rejects.toMatchObject({
      code: 'DECISION_INVALID',
    })
    const { batchId } = await queue.decide(ref, wrong, { ...seen(view), override })
    expect(await listExceptions(firm)).toMatchObject([
      { rule: 'lines-total', reason: 'credit', command: 'conflicts.decide', origin: batchId },
    ])
  })

  it('by a rule leaves open what would break one, unless it is told to override', async () => {
    const { queue } = await conflict()
    const rule = { take: 'theirs', fields: ['total', 'lines'] } as const
    expect(await queue.previewMany({}, rule)).toMatchObject({ matched: 1, refused: [] })
    await put(firm, 'b1', bill(120, 60, 180)) // now only the total and one line differ
    await closePeriod(firm, books, '2026-05')
    const preview = await queue.previewMany({}, rule)
    expect(preview).toMatchObject({ matched: 1, refused: [{ issues: [{ message: 'Closed.' }] }] })
    const forced = { ...rule, override: true }
    const { hash, refused, against } = await queue.previewMany({}, forced)
    expect(refused).toEqual([])
    expect(against).toMatchObject([{ broken: [{ rule: 'period-open', period: '2026-05' }] }])
    await expect(queue.decideMany({}, forced, { expectHash: hash })).rejects.toMatchObject({
      code: 'DECISION_INVALID',
    })
    await queue.decideMany({}, forced, { expectHash: hash, reason: 'audit' })
    expect(await listExceptions(firm, { rule: 'period-open' })).toMatchObject([
      { id: 'b1', reason: 'audit', command: 'conflicts.decideMany' },
    ])
  })
})

describe('a closed period', () => {
  const b1 = { vault: 'books', collection: 'bills', id: 'b1' }

  it('stops edits, deletions and moves out of it or into it, and nothing else', async () => {
    await closePeriod(firm, books, '2026-05', { reason: 'filed' })
    const bills = books.collection<Body>('bills')
    const locked = { code: 'RECORD_LOCKED' }
    await expect(put(firm, 'b1', bill(1, 1))).rejects.toMatchObject(locked)
    await expect(put(firm, 'b9', bill(1, 1))).rejects.toMatchObject(locked)
    await expect(put(firm, 'b1', bill(1, 1, 2, '2026-06-01'))).rejects.toMatchObject(locked)
    await expect(bills.delete('b1')).rejects.toMatchObject(locked)
    await put(firm, 'b9', bill(1, 1, 2, '2026-06-01'))
    expect([...(await closedPeriods(books)).entries()]).toMatchObject([
      ['2026-05', { by: 'firm', reason: 'filed' }],
    ])
    await reopenPeriod(firm, books, '2026-05')
    await put(firm, 'b1', bill(1, 1))
    await expect(closePeriod(firm, books, 'May')).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  it('lets a write through that is noted in the same transaction', async () => {
    await closePeriod(firm, books, '2026-05')
    const noted = { rule: 'period-open', message: 'Closed.', reason: 'court', command: 'records.put' }
    await firm.transaction((tx) => {
      tx.put(books, 'bills', 'b1', { id: 'b1', ...bill(1, 1) })
      putException(tx, books, { collection: 'bills', id: 'b1', ...noted })
    })
    const half = firm.transaction((tx) => {
      tx.put(books, 'bills', 'b1', { id: 'b1', ...bill(2, 2) })
      tx.put(books, 'bills', 'b2', { id: 'b2', ...bill(2, 2) })
      putException(tx, books, { collection: 'bills', id: 'b1', ...noted })
    })
    await expect(half).rejects.toMatchObject({ code: 'RECORD_LOCKED', id: 'b2' })
    expect(await listExceptions(firm)).toMatchObject([{ ...b1, reason: 'court' }])
    expect((await contents(firm, 'books'))['bills']).toMatchObject({ b1: { total: 2 }, b2: { total: 20 } })
  })

  it('stops an import that nobody judged before, and its undo; both can be told apart', async () => {
    await put(client, 'b1', bill(100, 60))
    const options = await pack()
    const plan = await planImport(firm, {
      container: options.container,
      keys: options.keys,
      into: options.into,
      strategy: 'three-way',
    })
    await closePeriod(firm, books, '2026-05')
    await expect(applyImport(firm, plan)).rejects.toMatchObject({
      code: 'ROWS_REFUSED',
      rows: [{ ...b1, fault: { code: 'RECORD_LOCKED' } }],
    })
    await applyImport(firm, plan, { override: { reason: 'late bill', rows: [b1] } })
    expect(await listExceptions(firm)).toMatchObject([{ ...b1, rule: 'locked', reason: 'late bill' }])
    await expect(undoImport(firm, plan.id)).rejects.toMatchObject({ code: 'UNDO_REFUSED' })
    await reopenPeriod(firm, books, '2026-05')
    await undoImport(firm, plan.id)
    expect((await contents(firm, 'books'))['bills']).toMatchObject({ b1: { total: 150 } })
  })

  it('keeps a deletion that arrives out, too', async () => {
    await (await client.openVault('books')).collection('bills').delete('b2')
    const plan = await planImport(firm, await pack())
    expect(plan.counts).toMatchObject({ delete: 1 })
    expect(plan.effects).toContainEqual(expect.objectContaining({ path: 'total', delta: -20 }))
    await closePeriod(firm, books, '2026-05')
    await expect(applyImport(firm, plan)).rejects.toMatchObject({ code: 'ROWS_REFUSED' })
  })

  it('is not for everybody to override', async () => {
    const strict = new PeriodLock({
      collections: ['bills'],
      periodOf: () => '2026-05',
      mayOverride: () => false,
    })
    const db = await createNoydb({
      store: memory(),
      user: 'a',
      secret: 's',
      kdf: CHEAP_KDF,
      guardStrategies: strict.guards,
    })
    strict.attach(db)
    const vault = await db.openVault('v')
    await closePeriod(db, vault, '2026-05')
    const work = db.transaction((tx) => {
      tx.put(vault, 'bills', 'b', {})
      putException(tx, vault, {
        collection: 'bills',
        id: 'b',
        rule: 'r',
        message: 'm',
        reason: 'x',
        command: 'c',
      })
    })
    await expect(work).rejects.toMatchObject({ code: 'RECORD_LOCKED' })
    expect(await listExceptions(db)).toEqual([])
  })
})
