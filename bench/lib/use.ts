/**
 * A session that is in use. An office keeps one open for hours, so its code is compiled; the runner's collection of garbage
 * drops that code between rounds, and what the first writes of a cold session cost is a line of its own.
 */
import { RECORDS } from './bench.ts'
import { makeInvoices, type Invoice } from './invoices.ts'
import type { Workspace } from './workspace.ts'

/** Beside the collection that is measured. */
const others = ({ vault }: Workspace) => vault.collection<Invoice>('others', { provenance: true })

export async function putOneByOne(workspace: Workspace, count = 2 * RECORDS): Promise<void> {
  const collection = others(workspace)
  for (const invoice of makeInvoices(count)) await collection.put(invoice.id, invoice)
}

export async function putAtOnce(workspace: Workspace): Promise<void> {
  await others(workspace).putMany(makeInvoices(RECORDS).map((record) => ({ id: record.id, record })))
}
