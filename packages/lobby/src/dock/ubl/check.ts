/** The document's own arithmetic (EN 16931, BR-CO-10 to -17): what it states is compared, never put right. */
import { Decimal } from 'decimal.js'
import { childrenOf, type XmlElement } from '../xml/element.ts'
import type { SourceFault } from '../source/types.ts'
import { allowanceCharges, decimalAt, isStated, taxTotal, type UblDocument } from './document.ts'

/** Parties round lines and taxes as they like, within this. */
const LINE_TOLERANCE = new Decimal('0.02')
const TAX_TOLERANCE = new Decimal('0.01')
const EXACT = new Decimal(0)

export function checkDocument(document: UblDocument): SourceFault[] {
  return [...document.lines.flatMap(checkLine), ...checkTotals(document), ...checkTaxes(document)]
}

function checkLine(line: XmlElement): SourceFault[] {
  const stated = decimalAt(line, 'LineExtensionAmount')
  return differs('The line amount', line.path, stated, lineAmount(line), LINE_TOLERANCE)
}

/** Quantity times price for the base quantity, with the line's own charges and allowances. */
function lineAmount(line: XmlElement): Decimal {
  const gross = quantityOf(line).times(unitPriceOf(line))
  return sum(allowanceCharges(line).map(({ amount }) => amount)).plus(gross)
}

export function quantityOf(line: XmlElement): Decimal {
  return decimalAt(line, isStated(line, 'InvoicedQuantity') ? 'InvoicedQuantity' : 'CreditedQuantity')
}

/** Of one unit. A base quantity of zero states nothing. */
export function unitPriceOf(line: XmlElement): Decimal {
  const base = decimalAt(line, 'Price/BaseQuantity')
  const price = decimalAt(line, 'Price/PriceAmount')
  return base.isZero() ? price : price.div(base)
}

function checkTotals(document: UblDocument): SourceFault[] {
  const { root, lines } = document
  const totals = childrenOf(root, 'LegalMonetaryTotal')[0]
  const path = totals?.path ?? root.path
  const at = (name: string): Decimal => decimalAt(totals, name)
  const extras = allowanceCharges(root)
  const charges = sum(extras.filter(({ isCharge }) => isCharge).map(({ amount }) => amount))
  const allowances = sum(extras.filter(({ isCharge }) => !isCharge).map(({ amount }) => amount)).negated()
  const net = at('LineExtensionAmount').minus(at('AllowanceTotalAmount')).plus(at('ChargeTotalAmount'))
  const gross = at('TaxExclusiveAmount').plus(decimalAt(taxTotal(document), 'TaxAmount'))
  const payable = at('TaxInclusiveAmount').minus(at('PrepaidAmount')).plus(at('PayableRoundingAmount'))
  const lineSum = sum(lines.map((line) => decimalAt(line, 'LineExtensionAmount')))
  return [
    ...differs('The sum of the lines', path, at('LineExtensionAmount'), lineSum, EXACT),
    ...differs('The sum of the allowances', path, at('AllowanceTotalAmount'), allowances, EXACT),
    ...differs('The sum of the charges', path, at('ChargeTotalAmount'), charges, EXACT),
    ...differs('The amount without tax', path, at('TaxExclusiveAmount'), net, EXACT),
    ...differs('The amount with tax', path, at('TaxInclusiveAmount'), gross, EXACT),
    ...differs('The amount to pay', path, at('PayableAmount'), payable, EXACT),
  ]
}

function checkTaxes(document: UblDocument): SourceFault[] {
  const total = taxTotal(document)
  if (total === undefined) return []
  const parts = childrenOf(total, 'TaxSubtotal')
  const partSum = sum(parts.map((part) => decimalAt(part, 'TaxAmount')))
  const faults =
    parts.length === 0 ? [] : differs('The tax', total.path, decimalAt(total, 'TaxAmount'), partSum, EXACT)
  for (const part of parts) {
    const percent = decimalAt(part, 'TaxCategory/Percent')
    const tax = decimalAt(part, 'TaxableAmount').times(percent).div(100).toDecimalPlaces(2)
    faults.push(
      ...differs(
        `The tax of ${percent.toFixed()} %`,
        part.path,
        decimalAt(part, 'TaxAmount'),
        tax,
        TAX_TOLERANCE,
      ),
    )
  }
  return faults
}

function sum(amounts: readonly Decimal[]): Decimal {
  return amounts.reduce((total, amount) => total.plus(amount), new Decimal(0))
}

function differs(
  what: string,
  path: string,
  stated: Decimal,
  found: Decimal,
  tolerance: Decimal,
): SourceFault[] {
  if (stated.minus(found).abs().lessThanOrEqualTo(tolerance)) return []
  const message = `${what} is stated as ${stated.toFixed()} and adds up to ${found.toDecimalPlaces(4).toFixed()}.`
  return [{ code: 'ARITHMETIC', message, column: path }]
}
