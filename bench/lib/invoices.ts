/** Invoice-like records of about 290 bytes of JSON, the same in every run. */

export interface Invoice extends Record<string, unknown> {
  readonly id: string
  readonly number: string
  readonly customerId: string
  readonly issuedOn: string
  readonly dueOn: string
  readonly currency: string
  readonly netMinor: number
  readonly taxMinor: number
  readonly totalMinor: number
  readonly status: string
  readonly memo: string
}

const statuses = ['draft', 'sent', 'paid', 'overdue']

export function invoiceId(index: number): string {
  return `inv-${String(index).padStart(6, '0')}`
}

export function makeInvoice(index: number): Invoice {
  const netMinor = 1_000 + ((index * 7_919) % 900_000)
  const taxMinor = Math.round(netMinor / 5)
  const day = String((index % 28) + 1).padStart(2, '0')
  return {
    id: invoiceId(index),
    number: `2026-${String(index).padStart(6, '0')}`,
    customerId: `cus-${String(index % 500).padStart(4, '0')}`,
    issuedOn: `2026-01-${day}`,
    dueOn: `2026-02-${day}`,
    currency: 'EUR',
    netMinor,
    taxMinor,
    totalMinor: netMinor + taxMinor,
    status: statuses[index % statuses.length] ?? 'draft',
    memo: `Bookkeeping and payroll services, period ${index % 12}, contract ${index % 97}, as agreed in writing`,
  }
}

export function makeInvoices(count: number): Invoice[] {
  return Array.from({ length: count }, (_, index) => makeInvoice(index))
}
