/** What does one commit per record cost? */
import type { Question } from './lib/bench.ts'
import { makeInvoices, type Invoice } from './lib/invoices.ts'
import { writeQuestion, type Scenario } from './lib/scenario.ts'
import type { Workspace } from './lib/workspace.ts'

async function putEach({ invoices }: Workspace, count: number): Promise<number> {
  for (const invoice of makeInvoices(count)) await invoices.put(invoice.id, invoice)
  return invoices.count()
}

/** A session of an office lasts for hours; what its first writes cost, in code the compiler has not seen, is a line of its own. */
const USED_RECORDS = 20_000

async function useForAWhile({ vault }: Workspace): Promise<void> {
  const others = vault.collection<Invoice>('others', { provenance: true })
  for (const invoice of makeInvoices(USED_RECORDS)) await others.put(invoice.id, invoice)
}

const first: Scenario = {
  title: 'the first 1,000 puts of a session',
  written: 'no history',
  kept: false,
  count: 1_000,
  write: putEach,
}

const insert: Scenario = {
  title: 'put one at a time',
  written: 'no history',
  kept: false,
  write: putEach,
  warm: useForAWhile,
}

const insertKept: Scenario = { ...insert, written: 'insert, history + audit', kept: true }

const updateKept: Scenario = {
  ...insertKept,
  written: 'update, history + audit',
  fill: ({ invoices }, count) =>
    invoices.putMany(makeInvoices(count).map((record) => ({ id: record.id, record }))),
  async warm(workspace) {
    await useForAWhile(workspace)
    await workspace.invoices.count()
  },
}

export const hubPut: Question[] = [
  writeQuestion(insert, 'NORMAL'),
  writeQuestion(insert, 'FULL'),
  writeQuestion(insertKept, 'NORMAL'),
  writeQuestion(insertKept, 'FULL'),
  writeQuestion(updateKept, 'NORMAL'),
  writeQuestion(first, 'NORMAL'),
]
