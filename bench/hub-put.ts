/** What does one commit per record cost? */
import type { Question } from './lib/bench.ts'
import { makeInvoices } from './lib/invoices.ts'
import { writeQuestion, type Scenario } from './lib/scenario.ts'
import { putOneByOne } from './lib/use.ts'
import type { Workspace } from './lib/workspace.ts'

async function putEach({ invoices }: Workspace, count: number): Promise<number> {
  for (const invoice of makeInvoices(count)) await invoices.put(invoice.id, invoice)
  return invoices.count()
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
  warm: (workspace) => putOneByOne(workspace),
}

const insertKept: Scenario = { ...insert, written: 'insert, history + audit', kept: true }

const updateKept: Scenario = {
  ...insertKept,
  written: 'update, history + audit',
  fill: ({ invoices }, count) =>
    invoices.putMany(makeInvoices(count).map((record) => ({ id: record.id, record }))),
  async warm(workspace) {
    await putOneByOne(workspace)
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
