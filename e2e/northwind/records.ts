/** Northwind's orders as invoices and its customers as contacts, in the shapes of the client-accounting template. */
import { expectedInvoices, readTable, type CsvRow } from './read.ts'

export interface ClientRecords {
  readonly customerId: string
  readonly company: string
  readonly contact: Record<string, unknown>
  readonly invoices: ReadonlyMap<string, Record<string, unknown>>
}

/** One entry per customer with orders (89), in the order of the customer table. */
export function northwindClients(): ClientRecords[] {
  const orders = Map.groupBy(readTable('orders'), (row) => row['customerID'] ?? '')
  const toInvoice = invoiceMaker()
  return readTable('customers').flatMap((customer) => {
    const own = orders.get(customer['customerID'] ?? '') ?? []
    if (own.length === 0) return []
    const invoices = new Map(own.map((order) => [order['orderID'] ?? '', toInvoice(order, customer)]))
    const company = customer['companyName'] ?? ''
    return [{ customerId: customer['customerID'] ?? '', company, contact: toContact(customer), invoices }]
  })
}

function invoiceMaker(): (order: CsvRow, customer: CsvRow) => Record<string, unknown> {
  const details = Map.groupBy(readTable('order-details'), (row) => row['orderID'] ?? '')
  const products = new Map(readTable('products').map((row) => [row['productID'], row['productName']]))
  const amounts = expectedInvoices()
  return (order, customer) => {
    const orderId = order['orderID'] ?? ''
    const expected = amounts.get(orderId)
    if (expected === undefined) throw new Error(`order ${orderId} has no amounts`)
    const lines = (details.get(orderId) ?? []).map((line, index) => ({
      lineNo: index + 1,
      productId: line['productID'],
      description: products.get(line['productID']),
      quantity: line['quantity'],
      unitPrice: line['unitPrice'],
      discount: line['discount'],
      amount: expected.lineAmounts[index],
    }))
    const { net, freight, total } = expected
    return { ...invoiceHead(order, customer), lines, freight, net, total }
  }
}

function invoiceHead(order: CsvRow, customer: CsvRow): Record<string, unknown> {
  return present({
    id: order['orderID'],
    number: order['orderID'],
    customerId: customer['customerID'],
    customerName: customer['companyName'],
    issueDate: order['orderDate']?.slice(0, 10),
    dueDate: order['requiredDate']?.slice(0, 10),
    shippedDate: order['shippedDate']?.slice(0, 10),
    status: order['shippedDate'] === '' ? 'draft' : 'sent',
    currency: 'USD',
    shipName: order['shipName'],
    shipAddress: present({
      street: order['shipAddress'],
      city: order['shipCity'],
      region: order['shipRegion'],
      postalCode: order['shipPostalCode'],
      country: order['shipCountry'],
    }),
  })
}

function toContact(customer: CsvRow): Record<string, unknown> {
  return present({
    id: customer['customerID'],
    company: customer['companyName'],
    name: customer['contactName'],
    title: customer['contactTitle'],
    phone: customer['phone'],
    fax: customer['fax'],
    address: present({
      street: customer['address'],
      city: customer['city'],
      region: customer['region'],
      postalCode: customer['postalCode'],
      country: customer['country'],
    }),
  })
}

/** No value means no member. */
function present(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== ''))
}
