/** Profiles for formats whose columns are always the same, over the client-accounting template. */
import { parseProfile, type MappingProfile } from './schema.ts'

const invoiceFields = [
  'number',
  'customerName',
  'issueDate',
  'dueDate',
  'currency',
  'lines',
  'net',
  'vat',
  'total',
  'notes',
  'documentType',
  'supplierName',
  'payable',
  'prepaid',
  'taxes',
  'precedingInvoice',
  'orderReference',
]

/** A supplier's number names an invoice for good; a credit note may repeat that of its invoice. */
export function ublProfile(id: string, name: string): MappingProfile {
  return parseProfile({
    format: 1,
    id,
    name,
    kind: 'ubl',
    collection: 'invoices',
    key: ['supplierName', 'documentType', 'number'],
    fields: invoiceFields.map((path) => ({ path, from: { as: 'value', column: path } })),
  })
}

/** The bank's own id names a booking within its account. */
export function ofxProfile(id: string, name: string): MappingProfile {
  return parseProfile({
    format: 1,
    id,
    name,
    kind: 'ofx',
    collection: 'payments',
    key: ['account', 'id'],
    fields: [
      { path: 'date', from: { as: 'date', column: 'date' }, required: true },
      {
        path: 'amount',
        from: { as: 'minor', column: 'amount', currency: { column: 'currency' } },
        required: true,
      },
      { path: 'currency', from: { as: 'text', column: 'currency' }, required: true },
      { path: 'method', from: { as: 'constant', value: 'bank' } },
      { path: 'reference', from: { as: 'text', column: 'name' } },
      { path: 'notes', from: { as: 'join', columns: ['memo', 'reference', 'checkNumber'], separator: '; ' } },
    ],
  })
}
