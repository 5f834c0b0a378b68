/** What the two offices of the demo change between their exchanges, so that each kind of outcome is there to be seen. */
import { addDays } from '../../../src-shared/model/dates.ts'
import { currencyDigits } from '../../../src-shared/model/money.ts'
import { invoiceId } from './books.ts'
import { type DemoInvoice, withSums } from './invoice.ts'

export interface Edit {
  readonly collection: string
  readonly id: string
  /** Null deletes it. */
  readonly record: Readonly<Record<string, unknown>> | null
}

export interface BothSides {
  readonly firm: readonly Edit[]
  readonly bookkeeper: readonly Edit[]
}

type Change = (invoice: DemoInvoice, vatRate: string) => DemoInvoice
type Pair = readonly [firm: Change | 'delete' | null, bookkeeper: Change | null]

/** One pair per invoice, newest invoices first. */
const pairs: readonly Pair[] = [
  [freight(2), freight(5)],
  [due(7), due(14)],
  [quantity(1), quantity(3)],
  [(invoice) => ({ ...invoice, shipName: `${invoice.shipName}, back door` }), shipTo('reception')],
  [status('draft'), status('cancelled')],
  // Different fields: they merge by themselves.
  [notes('Reminder sent.'), due(10)],
  [notes('Customer asked for a copy.'), shipTo('warehouse')],
  // One side only.
  [null, status('paid')],
  [null, notes('Paid by phone order.')],
  [null, freight(1)],
  [null, due(30)],
  ['delete', notes('Delivered twice, see letter.')],
]

/** The first `count` pairs, over the newest invoices of one client. */
export function editInvoices(invoices: readonly DemoInvoice[], vatRate: string, count: number): BothSides {
  const newest = invoices.slice(-count).reverse()
  const firm: Edit[] = []
  const bookkeeper: Edit[] = []
  for (const [at, invoice] of newest.entries()) {
    const [ours, theirs] = pairs[at] ?? [null, null]
    if (ours !== null) firm.push(editOf(invoice, ours === 'delete' ? null : ours(invoice, vatRate)))
    if (theirs !== null) bookkeeper.push(editOf(invoice, theirs(invoice, vatRate)))
  }
  return { firm, bookkeeper }
}

/** Invoices only the bookkeeper has: repeats of the newest ones, with numbers of their own. */
export function newInvoices(invoices: readonly DemoInvoice[], count: number): Edit[] {
  return invoices.slice(-count).map((invoice, at) => {
    const number = `2026-${String(901 + at)}`
    const issueDate = addDays(invoice.issueDate, 1)
    return editOf({ number }, { ...invoice, number, issueDate, status: 'sent' })
  })
}

function editOf(invoice: Pick<DemoInvoice, 'number'>, record: DemoInvoice | null): Edit {
  const id = invoiceId(invoice)
  return { collection: 'invoices', id, record: record && { ...record } }
}

function freight(units: number): Change {
  return (invoice, vatRate) =>
    withSums(
      { ...invoice, freight: invoice.freight + units * 10 ** currencyDigits(invoice.currency) },
      vatRate,
    )
}

function due(days: number): Change {
  return (invoice) => ({ ...invoice, dueDate: addDays(invoice.dueDate, days) })
}

function quantity(more: number): Change {
  return (invoice, vatRate) => {
    const lines = invoice.lines.map((line) =>
      line.lineNo === 1 ? { ...line, quantity: String(Number(line.quantity) + more) } : line,
    )
    return withSums({ ...invoice, lines }, vatRate)
  }
}

function status(value: string): Change {
  return (invoice) => ({ ...invoice, status: value })
}

function notes(value: string): Change {
  return (invoice) => ({ ...invoice, notes: value })
}

function shipTo(place: string): Change {
  return (invoice) => ({ ...invoice, shipName: `${invoice.shipName}, ${place}` })
}
