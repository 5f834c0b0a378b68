import { afterAll, describe, expect, test } from 'vitest'
import { compiled } from '../fixture-template.ts'
import { createExpressionRunner } from '../runner/runner.ts'
import { checkRecords } from './check-records.ts'
import type { RuleContext } from './compile-rule.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())

const integer = { type: 'integer' }
const properties = {
  title: { type: 'string' },
  date: { type: 'string', format: 'date' },
  due: { type: 'string', format: 'date' },
  parent: { type: 'string' },
  currency: { type: 'string' },
  total: integer,
  rest: integer,
  words: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        count: integer,
        price: { type: 'string' },
        quantity: { type: 'string' },
        off: { type: 'string' },
        debit: integer,
        credit: integer,
      },
    },
  },
}

function templateWith(...rules: Record<string, unknown>[]) {
  return compiled((template) => {
    const notes = template.collections['notes']!
    notes['schema'] = { type: 'object', properties }
    notes['rules'] = rules.map((rule, at) => ({ name: `rule-${at}`, message: 'Wrong.', ...rule }))
  })
}

function pathOf(rule: Record<string, unknown>, record: unknown, context?: RuleContext): string | null {
  const [broken] = templateWith(rule).collections.get('notes')!.check(record, context)
  return broken?.path ?? null
}

describe('sum', () => {
  const sum = { rule: 'sum', parts: ['words.*.count', 'rest'], equals: 'total' }
  test.each<[string, unknown, string | null]>([
    ['adds up', { words: [{ count: 1 }, { count: 2 }], rest: 3, total: 6 }, null],
    ['does not', { words: [{ count: 1 }], rest: 3, total: 5 }, 'total'],
    ['absent parts count nothing', { words: [{}], total: 0 }, null],
    ['no total, nothing to say', { words: [{ count: 1 }] }, null],
    ['a part that is no number equals nothing', { rest: '3', total: 3 }, 'total'],
    ['half a unit', { words: [{ count: 0.1 }, { count: 0.2 }], total: 0.3 }, 'total'],
    [
      'beyond exact integers',
      { words: [{ count: Number.MAX_SAFE_INTEGER }, { count: 1 }], total: 2 ** 53 },
      'total',
    ],
    ['no record', null, null],
    ['no list', { words: 'many', total: 1 }, 'total'],
  ])('%s', (_, record, path) => {
    expect(pathOf(sum, record)).toBe(path)
  })

  test('when and unless decide whom a rule is about', () => {
    const rule = { ...sum, when: ['currency'], unless: ['parent'] }
    const wrong = { rest: 1, total: 2 }
    expect(pathOf(rule, wrong)).toBeNull()
    expect(pathOf(rule, { ...wrong, currency: 'EUR' })).toBe('total')
    expect(pathOf(rule, { ...wrong, currency: 'EUR', parent: 'p' })).toBeNull()
  })
})

test('balance', () => {
  const rule = { rule: 'balance', debit: ['words.*.debit'], credit: ['words.*.credit'] }
  expect(pathOf(rule, { words: [{ debit: 5 }, { credit: 3 }, { credit: 2 }] })).toBeNull()
  expect(pathOf(rule, { words: [{ debit: 5 }, { credit: 3 }] })).toBe('')
  expect(pathOf(rule, { words: [{ debit: 'five' }, { credit: 'five' }] })).toBe('')
})

test('order', () => {
  const rule = { rule: 'order', first: 'date', then: 'due' }
  expect(pathOf(rule, { date: '2026-05-31', due: '2026-05-31' })).toBeNull()
  expect(pathOf(rule, { date: '2026-05-31', due: '2026-05-30' })).toBe('due')
  expect(pathOf(rule, { date: '2026-05-31' })).toBeNull()
})

test.each<[string, Record<string, unknown>, string | null]>([
  ['rounded half away from zero', { quantity: '3', price: '0.335', count: 101 }, null],
  ['less the discount', { quantity: '3', price: '0.335', off: '0.5', count: 50 }, null],
  ['off by one', { quantity: '3', price: '0.335', count: 100 }, 'words.1.count'],
  ['no decimal', { quantity: '3,0', price: '1', count: 300 }, 'words.1.count'],
  ['what is missing is for the schema', { quantity: '3', count: 1 }, null],
])('line-amount: %s', (_, line, path) => {
  const members = {
    quantity: 'quantity',
    price: 'price',
    discount: 'off',
    amount: 'count',
    currency: 'currency',
  }
  const rule = { rule: 'line-amount', list: 'words', ...members }
  const good = { quantity: '1', price: '1', count: 100 }
  expect(pathOf(rule, { currency: 'EUR', words: [good, line] })).toBe(path)
})

test('period-open asks for the month of the period field', () => {
  const isClosed = (period: string): boolean => period <= '2026-05'
  const rule = { rule: 'period-open' }
  expect(pathOf(rule, { date: '2026-05-31' }, { isClosed })).toBe('date')
  expect(pathOf(rule, { date: '2026-06-01' }, { isClosed })).toBeNull()
  expect(pathOf(rule, { date: 'soon' }, { isClosed })).toBeNull()
  expect(pathOf(rule, { date: '2026-05-31' })).toBeNull()
})

test('plain rules and those in JSONata are reported together, in the order of the records', async () => {
  const template = templateWith(
    { rule: 'expression', expression: '$length(title) > 2', message: 'Too short.' },
    { rule: 'order', first: 'date', then: 'due', message: 'Too early.' },
    { rule: 'expression', expression: 'total > 0', when: ['total'], message: 'Not above zero.' },
  )
  const bodies = [
    { title: 'long enough' },
    { title: 'no', date: '2026-05-02', due: '2026-05-01' },
    { title: 'long enough', total: 0 },
    { title: 1 },
  ]
  const rows = bodies.map((body, at) => ({ id: `r${at}`, body }))
  const broken = await checkRecords({ template, collection: 'notes', rows, runner })
  expect(broken.map(({ id, rule, message }) => [id, rule, message.slice(0, 10)])).toEqual([
    ['r1', 'rule-1', 'Too early.'],
    ['r1', 'rule-0', 'Too short.'],
    ['r2', 'rule-2', 'Not above '],
    ['r3', 'rule-0', 'Too short.'],
  ])
})

test('a rule that runs away is named', async () => {
  const loop = '($f := function($n) { $f($n + 1) }; $f(1))'
  const template = templateWith({ rule: 'expression', expression: loop })
  const quick = createExpressionRunner({ limits: { expressionRecordMs: 200 } })
  const rows = [{ id: 'a', body: {} }]
  const running = checkRecords({ template, collection: 'notes', rows, runner: quick })
  await expect(running).rejects.toMatchObject({
    code: 'TRANSFORM_LIMIT',
    place: { template: 'small', collection: 'notes', rule: 'rule-0', id: 'a' },
  })
  await quick.close()
})

test('periods and natural keys', () => {
  const notes = compiled().collections.get('notes')!
  expect(notes.periodOf({ date: '2026-05-31' })).toBe('2026-05')
  expect(notes.periodOf({})).toBeNull()
  const key = notes.naturalKeyOf({ title: ' Rent ', date: '2026-05-31' })
  expect(notes.naturalKeyOf({ title: 'RENT', date: '2026-05-31', other: 1 })).toBe(key)
  expect(notes.naturalKeyOf({ title: 'Rent', date: '2026-06-01' })).not.toBe(key)
  expect(notes.naturalKeyOf({ title: '  ', date: '2026-05-31' })).toBeNull()
})
