/** The templates that ship: sound, and their transforms bring every older record to the current shape. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { compileTemplate } from './compile.ts'
import { parseTemplate } from './parse.ts'
import { createExpressionRunner } from './runner/runner.ts'
import { checkRecords } from './rules/check-records.ts'
import { transformAllRows } from './transform-rows.ts'

const folder = join(import.meta.dirname, '../../../../resources/templates')
const load = (name: string) => compileTemplate(parseTemplate(readFileSync(join(folder, `${name}.json`))))
const accounting = load('client-accounting')
const directory = load('directory')

const runner = createExpressionRunner()
afterAll(() => runner.close())

const upgrade = async (collection: string, from: number, body: unknown): Promise<unknown> => {
  const rows = [{ id: 'a', body }]
  const results = await transformAllRows({ template: accounting, collection, from, rows, runner })
  return results.get('a')
}

const firstInvoice = {
  number: '10248',
  customerName: 'Vins et alcools Chevalier',
  issueDate: '2026-05-03',
  lines: [{ lineNo: 1, description: 'Chai', quantity: '12', unitPrice: '14.00', amount: '168.00' }],
  freight: '32.38',
  vatRate: '0.2',
  total: '240.46',
  shipTo: '59 rue de l’Abbaye, 51100 Reims, France',
}

const currentInvoice = {
  number: '10248',
  customerName: 'Vins et alcools Chevalier',
  issueDate: '2026-05-03',
  currency: 'EUR',
  lines: [{ lineNo: 1, description: 'Chai', quantity: '12', unitPrice: '14.00', amount: 16800 }],
  freight: 3238,
  net: 20038,
  vat: 4008,
  total: 24046,
  shipAddress: { street: '59 rue de l’Abbaye', postalCode: '51100', city: 'Reims', country: 'France' },
}

describe('client-accounting', () => {
  test('an invoice of the first version', async () => {
    expect(await upgrade('invoices', 1, firstInvoice)).toEqual(currentInvoice)
    expect(accounting.collections.get('invoices')?.check(currentInvoice)).toEqual([])
  })

  test('an invoice of the second version, in yen', async () => {
    const { lines, net: _net, vat: _vat, ...rest } = currentInvoice
    const second = {
      ...rest,
      currency: 'JPY',
      lines: lines.map((line) => ({ ...line, amount: '168' })),
      freight: '32',
      total: '200',
    }
    expect(await upgrade('invoices', 2, second)).toEqual({
      ...second,
      lines: lines.map((line) => ({ ...line, amount: 168 })),
      freight: 32,
      total: 200,
    })
  })

  test.each([
    [
      'Obere Str. 57, 12209 Berlin, Germany',
      { street: 'Obere Str. 57', postalCode: '12209', city: 'Berlin', country: 'Germany' },
    ],
    [
      'Haus 3, Obere Str. 57, Berlin, Germany',
      { street: 'Haus 3, Obere Str. 57', city: 'Berlin', country: 'Germany' },
    ],
    ['Obere Str. 57, 12209 Berlin', { street: 'Obere Str. 57', postalCode: '12209', city: 'Berlin' }],
    ['Obere Str. 57', { street: 'Obere Str. 57' }],
    [' , ', {}],
  ])('the address %j', async (address, fields) => {
    expect(await upgrade('contacts', 1, { company: 'A', address })).toEqual({ company: 'A', address: fields })
  })

  test('payments and products', async () => {
    expect(await upgrade('payments', 1, { date: '2026-05-03', amount: '240.46' })).toEqual({
      date: '2026-05-03',
      amount: 24046,
      currency: 'EUR',
    })
    expect(await upgrade('products', 1, { name: 'Chai', unitPrice: '14.00' })).toMatchObject({
      currency: 'EUR',
    })
  })

  // The first builds called the current shape version 1: their records are taken for old ones, and stay as they are.
  test.each(['invoices', 'payments', 'contacts', 'products'])(
    'current %s pass unchanged from 1',
    async (name) => {
      const current: Record<string, unknown> = {
        invoices: currentInvoice,
        payments: { date: '2026-05-03', amount: 5, currency: 'USD' },
        contacts: { company: 'A', address: { city: 'Berlin' } },
        products: { name: 'Chai', unitPrice: '14.00', currency: 'USD' },
      }
      expect(await upgrade(name, 1, current[name])).toEqual(current[name])
    },
  )

  const text = (maxLength: number) => fc.string({ minLength: 1, maxLength, unit: 'grapheme' })
  const amount = fc.integer({ min: -99_999_999, max: 99_999_999 }).map((cents) => (cents / 100).toFixed(2))
  const optional = { requiredKeys: ['number', 'customerName', 'issueDate', 'lines', 'total'] as const }
  const day = fc
    .date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10))
  const invoice = fc.record(
    {
      number: text(20),
      customerName: text(60),
      issueDate: day,
      lines: fc.array(
        fc.record({
          lineNo: fc.integer({ min: 1, max: 2000 }),
          description: text(60),
          quantity: fc.integer({ min: 0, max: 9999 }).map(String),
          unitPrice: amount,
          amount,
        }),
        { maxLength: 4 },
      ),
      freight: amount,
      vatRate: fc.constantFrom('0', '0.07', '0.19', '0.255'),
      total: amount,
      shipTo: fc.oneof(
        text(90),
        fc.array(text(20), { maxLength: 5 }).map((parts) => parts.join(', ')),
      ),
    },
    { requiredKeys: [...optional.requiredKeys] },
  )

  test('any invoice of the first version arrives valid, and its sums hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(invoice, { minLength: 1, maxLength: 20 }), async (bodies) => {
        const rows = bodies.map((body, at) => ({ id: `r${at}`, body }))
        const results = await transformAllRows({
          template: accounting,
          collection: 'invoices',
          from: 1,
          rows,
          runner,
        })
        for (const [at, { total, vatRate }] of bodies.entries()) {
          const record = results.get(`r${at}`)
          expect(record?.['total']).toBe(Math.round(Number(total) * 100))
          expect(Object.hasOwn(record ?? {}, 'net')).toBe(vatRate !== undefined)
          const broken = accounting.collections
            .get('invoices')
            ?.check(record)
            .map(({ rule }) => rule)
          expect(broken).not.toContain('lines-sum')
          expect(broken).not.toContain('total')
        }
      }),
      { numRuns: 20 },
    )
  })

  test('any address of a contact arrives valid', async () => {
    const contact = fc.record({ company: text(60), address: fc.string({ maxLength: 90 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(contact, { minLength: 1, maxLength: 30 }), async (bodies) => {
        const rows = bodies.map((body, at) => ({ id: `r${at}`, body }))
        const results = await transformAllRows({
          template: accounting,
          collection: 'contacts',
          from: 1,
          rows,
          runner,
        })
        expect(results.size).toBe(rows.length)
      }),
      { numRuns: 20 },
    )
  })
})

test.each([
  ['net and VAT', { net: 100, vat: 20, total: 120 }, []],
  ['net and VAT, the total of something else', { net: 100, vat: 20, total: 100 }, ['total']],
  ['a VAT of 0', { net: 100, vat: 0, total: 100 }, []],
  ['a VAT of 0, and more than the net', { net: 100, vat: 0, total: 120 }, ['total']],
  ['no VAT', { net: 100, total: 100 }, []],
  ['no VAT, and more than the net', { net: 100, total: 120 }, ['total']],
  ['a credit note without VAT', { net: -100, total: -100 }, []],
  ['nothing but a total', { total: 120 }, []],
])('accounting: the total of an invoice with %s', (_, amounts, expected) => {
  const record = { currency: 'EUR', lines: [], freight: 'net' in amounts ? amounts.net : 0, ...amounts }
  const broken = accounting.collections.get('invoices')?.check(record) ?? []
  expect(broken.map(({ rule }) => rule)).toEqual(expected)
})

test('directory: a rate is between two currencies and above zero', async () => {
  const rate = { date: '2026-05-03', base: 'EUR', quote: 'USD', rate: '1.0812' }
  const bodies = [rate, { ...rate, quote: 'EUR' }, { ...rate, rate: '-1' }]
  const rows = bodies.map((body, at) => ({ id: `r${at}`, body }))
  const broken = await checkRecords({ template: directory, collection: 'exchangeRates', rows, runner })
  expect(broken.map(({ id, rule }) => [id, rule])).toEqual([
    ['r1', 'two-currencies'],
    ['r2', 'positive'],
  ])
})
