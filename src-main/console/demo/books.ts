/** The books of one demo client: contacts, products, two years of invoices and the payments for them. */
import { addDays } from '../../../src-shared/model/dates.ts'
import { periodsBetween } from '../../../src-shared/model/period.ts'
import { type Buyer, type DemoInvoice, demoToday, makeInvoice, productId } from './invoice.ts'
import { type Random, seededRandom } from './random.ts'
import type { Sample, SampleClient } from './sample.ts'

export interface DemoRecord {
  readonly collection: string
  readonly id: string
  readonly record: Readonly<Record<string, unknown>>
}

const buyersPerClient = 6

/** The same client gives the same books every time; `place` keeps two clients from having the same ones. */
export function makeBooks(sample: Sample, client: SampleClient, place: number): DemoRecord[] {
  const random = seededRandom(20260630 + place * 7919)
  const buyers = makeBuyers(random, sample, place)
  const invoices = makeInvoices(random, sample, client, buyers)
  return [
    ...buyers.map((buyer) => contactOf(random, sample, buyer)),
    ...productsOf(sample, client),
    ...invoices.map((invoice) => ({
      collection: 'invoices',
      id: invoiceId(invoice),
      record: { ...invoice },
    })),
    ...invoices.flatMap((invoice) => paymentsFor(random, invoice)),
  ]
}

export function invoiceId({ number }: Pick<DemoInvoice, 'number'>): string {
  return `inv-${number}`
}

function makeBuyers(random: Random, sample: Sample, place: number): Buyer[] {
  return Array.from({ length: buyersPerClient }, (_, at) => ({
    id: `C${String(at + 1).padStart(3, '0')}`,
    name: sample.buyers[(place * 5 + at * 3) % sample.buyers.length] ?? 'Walk-in customer',
    address: {
      street: `${random.between(1, 180)} ${random.pick(sample.streets)}`,
      city: random.pick(sample.cities),
      postalCode: String(random.between(10_000, 99_999)),
    },
  }))
}

function contactOf(random: Random, sample: Sample, buyer: Buyer): DemoRecord {
  const name = random.pick(sample.people)
  const mail = `${name.split(' ')[0] ?? 'office'}@${buyer.name.split(' ')[0] ?? 'office'}.example`
  const record = {
    company: buyer.name,
    name,
    title: random.pick(sample.titles),
    // example is reserved: no mail of the demo can reach anybody.
    email: mail
      .normalize('NFKD')
      .replace(/[^\w@.]/g, '')
      .toLowerCase(),
    phone: `+44 1632 960${random.between(100, 999)}`,
    address: buyer.address,
  }
  return { collection: 'contacts', id: buyer.id, record }
}

function productsOf(sample: Sample, client: SampleClient): DemoRecord[] {
  return (sample.trades[client.trade] ?? []).map((product, at) => ({
    collection: 'products',
    id: productId(at),
    record: { code: productId(at), ...product, currency: client.currency, discontinued: false },
  }))
}

function makeInvoices(
  random: Random,
  sample: Sample,
  client: SampleClient,
  buyers: readonly Buyer[],
): DemoInvoice[] {
  const numbers = new Map<string, number>()
  return periodsBetween('2025-01', demoToday.slice(0, 7)).flatMap((period) => {
    const days = Array.from({ length: random.between(2, 4) }, () => random.between(1, 28)).sort(
      (a, b) => a - b,
    )
    return days.map((day) => {
      const year = period.slice(0, 4)
      const next = (numbers.get(year) ?? 0) + 1
      numbers.set(year, next)
      const number = `${year}-${String(next).padStart(3, '0')}`
      const issueDate = `${period}-${String(day).padStart(2, '0')}`
      return makeInvoice(random, { client, sample, number, issueDate, buyer: random.pick(buyers) })
    })
  })
}

function paymentsFor(random: Random, invoice: DemoInvoice): DemoRecord[] {
  if (invoice.status !== 'paid' && invoice.status !== 'part-paid') return []
  const amount = invoice.status === 'paid' ? invoice.total : Math.round(invoice.total / 2)
  const date = addDays(invoice.dueDate, random.between(-12, 6))
  const record = {
    date: date > demoToday ? demoToday : date,
    amount,
    currency: invoice.currency,
    invoiceId: invoiceId(invoice),
    method: random.pick(['bank', 'bank', 'bank', 'card']),
    reference: `RE ${invoice.number}`,
  }
  return [{ collection: 'payments', id: `pay-${invoice.number}`, record }]
}
