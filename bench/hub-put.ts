/** What does one commit per record cost? */
import type { Question } from './lib/bench.ts'
import { makeInvoices } from './lib/invoices.ts'
import { writeQuestion, type Scenario } from './lib/scenario.ts'
import type { Workspace } from './lib/workspace.ts'

async function putEach({ invoices }: Workspace, count: number): Promise<number> {
  for (const invoice of makeInvoices(count)) await invoices.put(invoice.id, invoice)
  return invoices.count()
}

const insert: Scenario = { title: 'put one at a time', written: 'no history', kept: false, write: putEach }

const insertKept: Scenario = { ...insert, written: 'insert, history + audit', kept: true }

const updateKept: Scenario = {
  ...insertKept,
  written: 'update, history + audit',
  fill: ({ invoices }, count) =>
    invoices.putMany(makeInvoices(count).map((record) => ({ id: record.id, record }))),
  warm: ({ invoices }) => invoices.count(),
}

export const hubPut: Question[] = [
  writeQuestion(insert, 'NORMAL'),
  writeQuestion(insert, 'FULL'),
  writeQuestion(insertKept, 'NORMAL'),
  writeQuestion(insertKept, 'FULL'),
  writeQuestion(updateKept, 'NORMAL'),
]
