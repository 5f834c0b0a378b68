/** Invoices of the demo firm, with sums that hold. */
import { addDays } from '../../../src-shared/model/dates.ts'
import { currencyDigits, lineAmount, shareOf, sumMinor } from '../../../src-shared/model/money.ts'
import type { Random } from './random.ts'
import type { Sample, SampleClient } from './sample.ts'

export interface DemoLine {
  readonly lineNo: number
  readonly productId: string
  readonly description: string
  readonly quantity: string
  readonly unitPrice: string
  readonly discount?: string
  readonly amount: number
}

export interface DemoInvoice {
  readonly number: string
  readonly customerId: string
  readonly customerName: string
  readonly issueDate: string
  readonly dueDate: string
  readonly shippedDate?: string
  readonly status: string
  readonly currency: string
  readonly lines: readonly DemoLine[]
  readonly freight: number
  readonly net: number
  readonly vat: number
  readonly total: number
  readonly shipName: string
  readonly shipAddress: Readonly<Record<string, string>>
  readonly notes?: string
}

export interface Buyer {
  readonly id: string
  readonly name: string
  readonly address: Readonly<Record<string, string>>
}

/** The last day the demo's books know of. */
export const demoToday = '2026-06-30'

type Unsummed = Omit<DemoInvoice, 'net' | 'vat' | 'total'>

/** Net, VAT and total from lines and freight. */
export function withSums(invoice: Unsummed, vatRate: string): DemoInvoice {
  const lines = invoice.lines.map((line) => ({ ...line, amount: lineAmount(line, invoice.currency) }))
  const net = sumMinor([...lines.map(({ amount }) => amount), invoice.freight])
  const vat = shareOf(net, vatRate)
  return { ...invoice, lines, net, vat, total: net + vat }
}

export interface InvoiceSeed {
  readonly client: SampleClient
  readonly sample: Sample
  readonly number: string
  readonly issueDate: string
  readonly buyer: Buyer
}

export function makeInvoice(random: Random, seed: InvoiceSeed): DemoInvoice {
  const { client, buyer, issueDate } = seed
  const dueDate = addDays(issueDate, random.pick([14, 30, 30, 45]))
  const shipped = addDays(issueDate, random.between(0, 9))
  const unit = 10 ** currencyDigits(client.currency)
  const invoice: Unsummed = {
    number: seed.number,
    customerId: buyer.id,
    customerName: buyer.name,
    issueDate,
    dueDate,
    ...(shipped <= demoToday && { shippedDate: shipped }),
    status: dueDate < demoToday ? (random.chance(88) ? 'paid' : 'part-paid') : 'sent',
    currency: client.currency,
    lines: makeLines(random, seed),
    freight: random.chance(60) ? random.between(5, 60) * unit : 0,
    shipName: buyer.name,
    shipAddress: buyer.address,
  }
  return withSums(invoice, client.vatRate)
}

function makeLines(random: Random, { client, sample }: InvoiceSeed): DemoLine[] {
  const products = sample.trades[client.trade] ?? []
  return Array.from({ length: random.between(1, 4) }, (_, at) => {
    const index = random.between(0, products.length - 1)
    const product = products[index] ?? { name: 'Service', unitPrice: '50.00' }
    return {
      lineNo: at + 1,
      productId: productId(index),
      description: product.name,
      quantity: String(random.between(1, 24)),
      unitPrice: product.unitPrice,
      ...(random.chance(15) && { discount: '0.05' }),
      amount: 0,
    }
  })
}

export function productId(index: number): string {
  return `P${String(index + 1).padStart(3, '0')}`
}
