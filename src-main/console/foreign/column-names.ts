/** What other programs and other languages call the columns of accounting. */
import type { TargetField } from './target-list.ts'

export const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')

/** By the last step of a field's path: what other programs and other languages call it, plain. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  company: [
    'companyname',
    'firm',
    'firma',
    'organisation',
    'organization',
    'customer',
    'kunde',
    'supplier',
    'lieferant',
  ],
  name: ['contactname', 'contactperson', 'ansprechpartner'],
  title: ['contacttitle', 'jobtitle', 'role'],
  street: ['address', 'strasse', 'addressline1'],
  postalCode: ['zip', 'zipcode', 'postcode', 'plz'],
  city: ['town', 'ort', 'stadt'],
  country: ['land'],
  region: ['state', 'province', 'bundesland'],
  phone: ['telephone', 'tel', 'telefon', 'phonenumber'],
  email: ['mail', 'emailaddress'],
  number: [
    'invoice',
    'orderid',
    'orderno',
    'ordernumber',
    'invoiceno',
    'no',
    'nr',
    'documentnumber',
    'rechnungsnummer',
    'belegnummer',
  ],
  customerName: ['companyname', 'kunde', 'customer'],
  issueDate: ['date', 'datum', 'issued', 'invoicedate', 'orderdate', 'rechnungsdatum', 'belegdatum'],
  dueDate: ['requireddate', 'falligkeit', 'falligam'],
  date: ['paymentdate', 'bookingdate', 'valuedate', 'datum', 'buchungstag', 'buchungsdatum'],
  amount: ['linetotal', 'lineamount', 'betrag', 'value', 'umsatz', 'positionsbetrag'],
  currency: ['wahrung', 'curr', 'currencycode'],
  reference: ['purpose', 'verwendungszweck', 'description', 'text'],
  code: ['productid', 'sku', 'articlenumber', 'artikelnummer'],
  unit: ['quantityperunit', 'einheit'],
  unitPrice: ['price', 'preis', 'einzelpreis'],
  lineNo: ['pos', 'position', 'line', 'lineno', 'linenumber', 'zeile'],
  description: [
    'article',
    'articlename',
    'item',
    'itemname',
    'product',
    'productname',
    'text',
    'artikel',
    'bezeichnung',
  ],
  productId: ['article', 'articleno', 'articlenumber', 'sku', 'itemno', 'artikelnr', 'artikelnummer'],
  quantity: ['qty', 'menge', 'anzahl'],
  discount: ['rabatt'],
  net: ['netto', 'netamount', 'subtotal', 'nettobetrag'],
  vat: ['tax', 'vatamount', 'taxamount', 'mwst', 'ust', 'umsatzsteuer', 'mwstbetrag'],
  total: [
    'gross',
    'grossamount',
    'grandtotal',
    'totalamount',
    'amount',
    'brutto',
    'bruttobetrag',
    'betrag',
    'gesamt',
  ],
  freight: ['shipping', 'fracht', 'versand'],
  notes: ['note', 'comment', 'bemerkung'],
}

export function isCalledSo({ path }: TargetField, column: string): boolean {
  const last = path.split('.').at(-1) ?? path
  return Object.hasOwn(otherNames, last) && (otherNames[last] ?? []).includes(plain(column))
}

/** A percentage of VAT, not its amount. */
export function isRate(column: string): boolean {
  return (
    /^(vat|tax|mwst|ust|steuer)(rate|percent|pct|satz)$/.test(plain(column)) ||
    /^(vat|tax|mwst|ust)\s*%$/i.test(column.trim())
  )
}
