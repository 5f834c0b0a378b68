/**
 * What the two sides change, decided by position so that every run and every reader gets the same sixty invoices.
 * The bookkeeper edits 60 and adds 5; the firm meanwhile changes 25 of those 60: ten in the same field, fifteen in another.
 */
import type { ClientRecords } from './records.ts'

type Invoice = Readonly<Record<string, unknown>>

export const sharedClientCount = 5
export const editedByBookkeeper = 60
export const editedByFirm = 25

/** The five clients with the most invoices: they are what the firm shares. */
export function sharedClients(clients: readonly ClientRecords[]): ClientRecords[] {
  return [...clients]
    .sort((a, b) => b.invoices.size - a.invoices.size || a.customerId.localeCompare(b.customerId))
    .slice(0, sharedClientCount)
}

export interface InvoiceKey {
  readonly customerId: string
  readonly id: string
}

/** The sixty invoices, twelve of each client, in the order of their numbers. */
export function editedKeys(shared: readonly ClientRecords[]): InvoiceKey[] {
  const each = editedByBookkeeper / shared.length
  return shared.flatMap(({ customerId, invoices }) =>
    [...invoices.keys()]
      .sort()
      .slice(0, each)
      .map((id) => ({ customerId, id })),
  )
}

/** The bookkeeper's edit of the nth of the sixty. */
export function bookkeeperEdit(invoice: Invoice, nth: number): Invoice {
  const kind = nth % 3
  if (kind === 0) return withFreight(invoice, 200)
  if (kind === 1) return { ...invoice, shipName: `${String(invoice['shipName'])} (warehouse)` }
  return { ...invoice, status: 'paid', notes: `paid by transfer, statement line ${nth + 1}` }
}

/** More freight, and the sums that go with it. */
function withFreight(invoice: Invoice, more: number): Invoice {
  const raise = (name: string): number => Number(invoice[name]) + more
  return { ...invoice, freight: raise('freight'), net: raise('net'), total: raise('total') }
}

/** The firm's edit of the nth of the sixty, where it has one: the first ten collide with the bookkeeper's field. */
export function firmEdit(invoice: Invoice, nth: number): Invoice | null {
  if (nth >= editedByFirm) return null
  if (nth >= 10) return { ...invoice, notes: `reviewed ${nth + 1}` }
  const kind = nth % 3
  if (kind === 0) return withFreight(invoice, 100)
  if (kind === 1) return { ...invoice, shipName: `${String(invoice['shipName'])} GmbH` }
  return { ...invoice, status: 'part-paid' }
}

/** One new invoice for each shared client. */
export function addedInvoice(client: ClientRecords, nth: number): { id: string; record: Invoice } {
  const number = String(12001 + nth)
  const line = {
    lineNo: 1,
    description: 'Bookkeeping, May',
    quantity: '3',
    unitPrice: '80.00',
    amount: 24000,
  }
  const record = {
    id: number,
    number,
    customerId: client.customerId,
    customerName: client.company,
    issueDate: '1998-05-29',
    dueDate: '1998-06-28',
    status: 'sent',
    currency: 'USD',
    lines: [line],
    net: 24000,
    total: 24000,
  }
  return { id: number, record }
}
