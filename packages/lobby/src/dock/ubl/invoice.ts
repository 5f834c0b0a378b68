/**
 * A UBL document as an invoice of the client-accounting template. What it allows or charges besides its lines becomes a
 * line, so that lines add up to net; a credit note is an invoice below zero. `taxes`, `payable` and the rest of what the
 * document says are kept in fields of their own.
 */
import { Decimal } from 'decimal.js'
import { minorOf } from '../../templates/amounts.ts'
import type { Cell, Cells } from '../source/types.ts'
import { childrenOf, elementAt, textAt, type XmlElement } from '../xml/element.ts'
import { quantityOf, unitPriceOf } from './check.ts'
import { allowanceCharges, decimalAt, isStated, partyName, taxTotal, type UblDocument } from './document.ts'

/** Decimal places of a price for one unit where it is stated for several. */
const PRICE_PLACES = 10

type Line = Readonly<Record<string, Cell>>

export function invoiceOf(document: UblDocument): Cells {
  const { root, type, currency } = document
  const sign = type === 'credit-note' ? -1 : 1
  const minor = (amount: Decimal): number => minorOf(amount.times(sign), currency)
  const totals = elementAt(root, 'LegalMonetaryTotal')
  const total = (name: string): number => minor(decimalAt(totals, name))
  const tax = taxTotal(document)
  return definedOf({
    number: textAt(root, 'ID'),
    documentType: type,
    customerName: partyName(root, 'AccountingCustomerParty'),
    supplierName: partyName(root, 'AccountingSupplierParty'),
    issueDate: textAt(root, 'IssueDate'),
    dueDate: textAt(root, 'DueDate') ?? textAt(root, 'PaymentMeans/PaymentDueDate'),
    currency,
    lines: linesOf(document, minor),
    net: total('TaxExclusiveAmount'),
    vat: minor(decimalAt(tax, 'TaxAmount')),
    total: total('TaxInclusiveAmount'),
    payable: total('PayableAmount'),
    ...(isStated(totals, 'PrepaidAmount') && { prepaid: total('PrepaidAmount') }),
    taxes: childrenOf(tax, 'TaxSubtotal').map((part) => taxOf(part, minor)),
    precedingInvoice: textAt(root, 'BillingReference/InvoiceDocumentReference/ID'),
    orderReference: textAt(root, 'OrderReference/ID'),
    notes: notesOf(root),
  })
}

type Minor = (amount: Decimal) => number

function linesOf({ root, type, lines, currency }: UblDocument, minor: Minor): Line[] {
  const sign = type === 'credit-note' ? -1 : 1
  const all = lines.flatMap((line) => linesOfLine(line, { sign, minor, currency }))
  const extras = allowanceCharges(root).map(({ amount, reason }) =>
    plainLine(reason, amount.times(sign), minor(amount)),
  )
  return [...all, ...extras].map((line, at) => ({ lineNo: at + 1, ...line }))
}

interface Signs {
  readonly sign: number
  readonly minor: Minor
  readonly currency: string
}

function linesOfLine(line: XmlElement, { sign, minor }: Signs): Line[] {
  const extras = allowanceCharges(line)
  const beside = extras.reduce((sum, { amount }) => sum.plus(amount), new Decimal(0))
  // What the document states counts: the goods are the line's amount without its own allowances.
  const goods = definedOf({
    description: textAt(line, 'Item/Name') ?? textAt(line, 'Item/Description') ?? '',
    productId: textAt(line, 'Item/SellersItemIdentification/ID'),
    quantity: quantityOf(line).times(sign).toFixed(),
    unitPrice: unitPriceOf(line).toDecimalPlaces(PRICE_PLACES).toFixed(),
    amount: minor(decimalAt(line, 'LineExtensionAmount').minus(beside)),
    sourceLine: textAt(line, 'ID'),
    taxCategory: textAt(line, 'Item/ClassifiedTaxCategory/ID'),
    taxPercent: textAt(line, 'Item/ClassifiedTaxCategory/Percent'),
  })
  return [goods, ...extras.map(({ amount, reason }) => plainLine(reason, amount.times(sign), minor(amount)))]
}

function plainLine(description: string, amount: Decimal, minor: number): Line {
  return { description, quantity: '1', unitPrice: amount.toFixed(), amount: minor }
}

function taxOf(part: XmlElement, minor: Minor): Cell {
  return definedOf({
    category: textAt(part, 'TaxCategory/ID'),
    percent: textAt(part, 'TaxCategory/Percent'),
    taxable: minor(decimalAt(part, 'TaxableAmount')),
    tax: minor(decimalAt(part, 'TaxAmount')),
    exemption: textAt(part, 'TaxCategory/TaxExemptionReason'),
  })
}

function notesOf(root: XmlElement): string | undefined {
  const notes = childrenOf(root, 'Note').map(({ text }) => text)
  return notes.length === 0 ? undefined : notes.join('\n')
}

function definedOf(members: Readonly<Record<string, Cell | undefined>>): Record<string, Cell> {
  const kept: Record<string, Cell> = {}
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value
  return kept
}
