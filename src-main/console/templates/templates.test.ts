import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CompiledCollection, currencyOf, hintFor, orderOf, titleOf } from '@klum-db/lobby/templates'
import { describe, expect, test } from 'vitest'
import { isIsoDate } from '../../../src-shared/model/dates.ts'
import { currencyDigits, isDecimal, lineAmount } from '../../../src-shared/model/money.ts'
import { makeBooks } from '../demo/books.ts'
import { readSample } from '../demo/sample.ts'
import { resourcesDir, testFolder } from '../test/fixture.ts'
import { loadTemplates, readTemplate, templatesOf } from './templates.ts'

const shippedFile = join(resourcesDir, 'templates/client-accounting.json')

async function invoicesOf(): Promise<CompiledCollection> {
  const collection = templatesOf(await loadTemplates(resourcesDir))
    .get('client-accounting')
    .collections.get('invoices')
  if (collection === undefined) throw new Error('no collection invoices')
  return collection
}

const invoice = {
  number: '10248',
  customerName: 'Vins et alcools Chevalier',
  issueDate: '2026-05-03',
  currency: 'EUR',
  lines: [{ lineNo: 1, description: 'Chai', quantity: '12', unitPrice: '14.00', amount: 16800 }],
  total: 16800,
}

describe('the shipped template', async () => {
  const invoices = await invoicesOf()
  const validate = (value: unknown) => invoices.validator['~standard'].validate(value)

  test('takes an invoice', () => {
    expect(validate(invoice)).toEqual({ value: invoice })
  })

  test.each([
    [{ ...invoice, total: 1.5 }, ['total'], 'must be a whole number'],
    [{ ...invoice, issueDate: '2026-02-30' }, ['issueDate'], 'must be a day that exists, as 2026-05-31'],
    [{ ...invoice, status: 'gone' }, ['status'], 'must be one of draft, sent, part-paid, paid, cancelled'],
    [
      { ...invoice, lines: [{ ...invoice.lines[0], quantity: 12 }] },
      ['lines', '0', 'quantity'],
      'must be text',
    ],
    [{ ...invoice, number: undefined }, ['number'], 'is missing'],
  ])('names the fault in %#', async (record, path, message) => {
    const { issues } = await validate(JSON.parse(JSON.stringify(record)))
    expect(issues).toContainEqual({ path, message })
  })

  test('titles, currency and labels of nested paths', () => {
    expect(titleOf(invoices, 'x1', invoice)).toBe('Invoice 10248')
    expect(titleOf(invoices, 'x1', {})).toBe('Invoice x1')
    expect(currencyOf(invoices, invoice)).toBe('EUR')
    expect(hintFor(invoices, 'lines.2.quantity')).toMatchObject({
      label: 'Line 2: Quantity',
      type: 'decimal',
    })
    expect(hintFor(invoices, 'poNumber')).toMatchObject({ label: 'Po number', type: 'text' })
    expect(orderOf(invoices, 'lines.2.quantity')).toBeLessThan(orderOf(invoices, 'total'))
    expect(orderOf(invoices, 'poNumber')).toBeGreaterThan(orderOf(invoices, 'notes'))
  })
})

test('the books of the demo fit their schemas and keep every rule', async () => {
  const { collections } = templatesOf(await loadTemplates(resourcesDir)).get('client-accounting')
  const sample = await readSample(resourcesDir)
  const faults = sample.clients.flatMap((client, place) =>
    makeBooks(sample, client, place).flatMap(({ collection, record }) => [
      ...(collections.get(collection)?.validator.issuesOf(record) ?? ['no such collection']),
      ...(collections.get(collection)?.check(record) ?? []),
    ]),
  )
  expect(faults).toEqual([])
})

// Screens import no package and packages no application code, so each has its own arithmetic. They have to agree.
describe('the engine and the screens count alike', async () => {
  const invoices = await invoicesOf()
  const faultsOf = async (record: unknown) =>
    ((await invoices.validator['~standard'].validate(record)).issues ?? []).map(({ path }) => path?.[0])

  test.each(['2026-05-31', '2026-02-29', '2024-02-29', '0001-01-01', '26-5-1', '2026-13-01', ''])(
    'the day %j',
    async (issueDate) => {
      expect((await faultsOf({ ...invoice, issueDate })).includes('issueDate')).toBe(!isIsoDate(issueDate))
    },
  )

  test.each(['1', '-1.50', '1e5', '1.', '.5', '+1', '0x1', '٣', '9'.repeat(65), ''])(
    'the decimal %j',
    async (unitPrice) => {
      const record = { ...invoice, lines: [{ ...invoice.lines[0], unitPrice }] }
      expect((await faultsOf(record)).includes('lines')).toBe(!isDecimal(unitPrice))
    },
  )

  test('the amount of a line, in every currency and at every rounding edge', () => {
    // UYW, with four digits, is in the standard but in no list of Intl.
    const currencies = [...Intl.supportedValuesOf('currency'), 'UYW']
    for (const currency of currencies) {
      for (const unitPrice of ['1.005', '-1.005', '0.00005', '0.0005', '0.5', '-0.5', '1234567.891']) {
        const line = { lineNo: 1, description: '', quantity: '3', unitPrice, discount: '0.05' }
        const amount = lineAmount(line, currency)
        const broken = (given: number) =>
          invoices
            .check({ currency, lines: [{ ...line, amount: given }] })
            .filter(({ rule }) => rule === 'line-amounts')
        expect([currency, unitPrice, broken(amount), broken(amount + 1).length]).toEqual([
          currency,
          unitPrice,
          [],
          1,
        ])
      }
    }
    expect(new Set(currencies.map(currencyDigits))).toEqual(new Set([0, 2, 3, 4]))
  })
})

describe('a file that is no template', () => {
  test('is refused with its name and the place of its fault', () => {
    const text = readFileSync(shippedFile, 'utf8').replace('"target": "contacts"', '"target": "people"')
    const message =
      'The file mine.json is faulty at /collections/invoices/refs/0/target: no collection is called "people". Nothing was changed. Correct the template.'
    expect(() => readTemplate('The file mine.json', text)).toThrow(
      expect.objectContaining({
        code: 'BAD_INPUT',
        message,
        details: expect.objectContaining({ path: '/collections/invoices/refs/0/target' }) as unknown,
      }) as Error,
    )
  })

  test('is refused when it is of a newer program', () => {
    expect(() => readTemplate('It', '{"format": 2}')).toThrow('It is of a newer program.')
  })

  test('keeps the others from being used in its place', async () => {
    const folder = testFolder()
    cpSync(join(resourcesDir, 'templates'), join(folder, 'templates'), { recursive: true })
    writeFileSync(join(folder, 'templates/broken.json'), '{')
    await expect(loadTemplates(folder)).rejects.toThrow('broken.json is faulty at its top: it is not JSON')
  })
})
