/** A UBL 2.1 document's amounts and parties, as it states them; nothing is computed here. */
import { Decimal } from 'decimal.js'
import { isDecimal } from '../../templates/amounts.ts'
import { invalid } from '../source/error.ts'
import { childrenOf, elementAt, textAt, type XmlElement } from '../xml/element.ts'

const INVOICE = 'urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'
const CREDIT_NOTE = 'urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2'

export interface UblDocument {
  readonly root: XmlElement
  readonly type: 'invoice' | 'credit-note'
  readonly lines: readonly XmlElement[]
  readonly currency: string
}

/** @throws SourceError for another kind of document */
export function ublDocument(root: XmlElement): UblDocument {
  const type = root.uri === INVOICE ? 'invoice' : root.uri === CREDIT_NOTE ? 'credit-note' : null
  const expected = type === 'invoice' ? 'Invoice' : 'CreditNote'
  if (type === null || root.name !== expected) throw invalid('This is no UBL 2.1 invoice or credit note.')
  const currency = textAt(root, 'DocumentCurrencyCode') ?? ''
  if (!/^[A-Z]{3}$/.test(currency)) throw invalid('The document names no currency.', { path: root.path })
  return { root, type, lines: childrenOf(root, `${expected}Line`), currency }
}

/** Exact; 0 where it is not stated. @throws SourceError for a text that is no decimal number */
export function decimalAt(element: XmlElement | undefined, path: string): Decimal {
  const found = elementAt(element, path)
  const text = found?.text ?? ''
  if (found === undefined || text === '') return new Decimal(0)
  const plain = text.replace(/^\+/, '').replace(/^(-?)\./, '$10.')
  if (!isDecimal(plain)) throw invalid(`"${text.slice(0, 40)}" is no amount.`, { path: found.path })
  return new Decimal(plain)
}

export function isStated(element: XmlElement | undefined, path: string): boolean {
  return textAt(element, path) !== undefined
}

export interface AllowanceCharge {
  /** What it adds: an allowance takes away. */
  readonly amount: Decimal
  readonly isCharge: boolean
  readonly reason: string
  readonly path: string
}

export function allowanceCharges(element: XmlElement): AllowanceCharge[] {
  return childrenOf(element, 'AllowanceCharge').map((one) => {
    const isCharge = textAt(one, 'ChargeIndicator') === 'true'
    const stated = decimalAt(one, 'Amount')
    const reason = textAt(one, 'AllowanceChargeReason') ?? (isCharge ? 'Charge' : 'Allowance')
    return { amount: isCharge ? stated : stated.negated(), isCharge, reason, path: one.path }
  })
}

/** In the currency of the document; a second total in the currency of the tax office is left aside. */
export function taxTotal({ root, currency }: UblDocument): XmlElement | undefined {
  return childrenOf(root, 'TaxTotal').find(
    (total) => elementAt(total, 'TaxAmount')?.attributes['currencyID'] === currency,
  )
}

export function partyName(root: XmlElement, role: string): string | undefined {
  const party = elementAt(root, `${role}/Party`)
  return textAt(party, 'PartyName/Name') ?? textAt(party, 'PartyLegalEntity/RegistrationName')
}
