import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AppError } from '../app-error.ts'
import { currencyOf, hintFor, orderOf, titleOf } from './display.ts'
import { type CompiledCollection, compileTemplate, type Template } from './templates.ts'

const file = join(import.meta.dirname, '../../../resources/templates/client-accounting.json')
// The template's own tests check its shape.
const shipped = () => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>

function collectionOf(template: Template, name: string): CompiledCollection {
  const collection = template.collections.get(name)
  if (collection === undefined) throw new Error(`no collection ${name}`)
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

describe('the shipped template', () => {
  const invoices = collectionOf(compileTemplate(shipped()), 'invoices')
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

describe('a faulty template is refused with the place of its fault', () => {
  const invoicesOf = (value: Record<string, unknown>): Record<string, unknown> =>
    (value.collections as Record<string, Record<string, unknown>>).invoices ?? {}
  test.each<[string, (value: Record<string, unknown>) => void]>([
    ['name', (value) => void (value.name = 'Not a slug!')],
    ['collections.invoices.columns.0', (value) => void (invoicesOf(value).columns = ['numbr'])],
    [
      'collections.invoices.refs.customerId.target',
      (value) => void (invoicesOf(value).refs = { customerId: { target: 'people', mode: 'warn' } }),
    ],
    [
      'collections.invoices.schema',
      (value) => void (invoicesOf(value).schema = { type: 'object', properties: 3 }),
    ],
    ['collections.invoices.schema.type', (value) => void (invoicesOf(value).schema = { type: 'array' })],
  ])('%s', (path, spoil) => {
    const value = shipped()
    spoil(value)
    expect(() => compileTemplate(value)).toThrow(AppError)
    expect(() => compileTemplate(value)).toThrow(path)
  })
})
