/** The Peppol examples dock as invoices, compared with an independent reading; documents that mean harm do not. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Decimal } from 'decimal.js'
import { XMLParser } from 'fast-xml-parser'
import { describe, expect, it } from 'vitest'
import { compileTemplate, parseTemplate } from '../../templates/index.ts'
import { allRows, dataSource, dataText, hasData, textSource } from '../fixture-sources.ts'
import { dockLimits } from '../limits.ts'
import { ublReader } from './reader.ts'

const examples = [
  'Allowance-example.xml',
  'Vat-category-S.xml',
  'base-creditnote-correction.xml',
  'base-example.xml',
  'base-negative-inv-correction.xml',
  'sales-order-example.xml',
  'vat-category-E.xml',
  'vat-category-O.xml',
  'vat-category-Z.xml',
]

const shipped = join(import.meta.dirname, '../../../../../resources/templates/client-accounting.json')
const invoices = compileTemplate(parseTemplate(readFileSync(shipped))).collections.get('invoices')

type Plain = Record<string, never>
const independent = new XMLParser({
  removeNSPrefix: true,
  parseTagValue: false,
  attributeNamePrefix: '@',
  ignoreAttributes: false,
})
const listOf = (value: unknown): Plain[] =>
  value === undefined ? [] : ((Array.isArray(value) ? value : [value]) as Plain[])
const amount = (value: unknown): Decimal => {
  const text = typeof value === 'object' && value !== null && '#text' in value ? value['#text'] : value
  return new Decimal(typeof text === 'string' ? text : '0')
}

describe.skipIf(!hasData)('Peppol example', () => {
  it.each(examples)('%s docks without loss', async (name) => {
    const [row, ...more] = await allRows(ublReader, dataSource('peppol', name))
    expect(more).toEqual([])
    const parsed = independent.parse(dataText('peppol', name)) as Record<string, Record<string, unknown>>
    const isCredit = parsed['CreditNote'] !== undefined
    const document = parsed['CreditNote'] ?? parsed['Invoice'] ?? {}
    const totals = document['LegalMonetaryTotal'] as Record<string, unknown>
    const minor = (value: unknown): number =>
      amount(value)
        .times(isCredit ? -100 : 100)
        .toNumber() || 0
    const lines = listOf(document[isCredit ? 'CreditNoteLine' : 'InvoiceLine'])
    const extras = [document, ...lines].flatMap((at) => listOf(at['AllowanceCharge']))
    const found = row?.cells ?? {}
    const foundLines = found['lines'] as Record<string, unknown>[]
    expect(found).toMatchObject({
      number: document['ID'],
      issueDate: document['IssueDate'],
      total: minor(totals['TaxInclusiveAmount']),
      net: minor(totals['TaxExclusiveAmount']),
      payable: minor(totals['PayableAmount']),
    })
    expect(foundLines).toHaveLength(lines.length + extras.length)
    expect(foundLines.reduce((sum, line) => sum + Number(line['amount']), 0)).toBe(found['net'])
    const stated = lines.reduce((sum, line) => sum + minor(line['LineExtensionAmount']), 0)
    expect(stated).toBe(minor(totals['LineExtensionAmount']))
  })

  it.each(examples)('%s is an invoice of the shipped template', async (name) => {
    const [row] = await allRows(ublReader, dataSource('peppol', name))
    const result = await invoices?.validator['~standard'].validate(row?.cells)
    expect(result?.issues).toBeUndefined()
    expect(invoices?.check(row?.cells)).toEqual([])
    expect(row?.faults).toEqual([])
  })

  it('that does not add up says where', async () => {
    const text = dataText('peppol', 'base-example.xml').replace(
      /(<cbc:TaxInclusiveAmount currencyID="EUR">)[^<]*/,
      '$19999.99',
    )
    const [row] = await allRows(ublReader, textSource('x.xml', text))
    expect(row?.faults.map(({ code, column }) => [code, column])).toEqual([
      ['ARITHMETIC', 'Invoice/LegalMonetaryTotal'],
      ['ARITHMETIC', 'Invoice/LegalMonetaryTotal'],
    ])
  })

  it('credit notes are below zero', async () => {
    const [row] = await allRows(ublReader, dataSource('peppol', 'base-creditnote-correction.xml'))
    expect(row?.cells).toMatchObject({ documentType: 'credit-note', precedingInvoice: 'Snippet1' })
    expect(Number(row?.cells['total'])).toBeLessThan(0)
  })
})

describe('hostile documents', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol">${'<!ENTITY b "&a;&a;&a;">'.repeat(10)}]><Invoice>&b;</Invoice>`

  it.each([
    ['an entity bomb', bomb, 'SOURCE_INVALID'],
    [
      'an external entity',
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
      'SOURCE_INVALID',
    ],
    [
      'a document type behind a comment',
      '<!-- <Invoice> --><!doctype x SYSTEM "http://example.org/x.dtd"><x/>',
      'SOURCE_INVALID',
    ],
    ['an unknown entity', '<Invoice>&boom;</Invoice>', 'SOURCE_INVALID'],
    ['deep nesting', '<a>'.repeat(dockLimits.nesting + 1), 'SOURCE_LIMIT'],
    ['no element', ' '.repeat(100_000), 'SOURCE_INVALID'],
    ['half an element', '<Invoice><cbc:ID', 'SOURCE_INVALID'],
    [
      'another kind of document',
      '<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>',
      'SOURCE_INVALID',
    ],
    ['an encoding nobody reads', '<?xml version="1.0" encoding="EBCDIC"?><Invoice/>', 'SOURCE_INVALID'],
  ])('%s is refused', async (_what, text, code) => {
    await expect(allRows(ublReader, textSource('x.xml', text))).rejects.toMatchObject({ code })
  })

  it('an amount that is none is named by its place', async () => {
    const text = `<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><DocumentCurrencyCode>EUR</DocumentCurrencyCode>
      <LegalMonetaryTotal><PayableAmount>1e9</PayableAmount></LegalMonetaryTotal></Invoice>`
    await expect(allRows(ublReader, textSource('x.xml', text))).rejects.toMatchObject({
      place: { path: 'Invoice/LegalMonetaryTotal/PayableAmount' },
    })
  })
})
