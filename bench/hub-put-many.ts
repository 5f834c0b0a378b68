/** What do 10,000 records in one transaction cost, in a session that is in use? */
import type { Question } from './lib/bench.ts'
import { makeInvoices } from './lib/invoices.ts'
import { writeQuestion, type Scenario } from './lib/scenario.ts'
import { putAtOnce } from './lib/use.ts'
import type { Workspace } from './lib/workspace.ts'

async function putAll({ invoices }: Workspace, count: number): Promise<number> {
  await invoices.putMany(makeInvoices(count).map((record) => ({ id: record.id, record })))
  return invoices.count()
}

const insert: Scenario = {
  title: 'putMany',
  written: 'no history',
  kept: false,
  write: putAll,
  warm: putAtOnce,
}

const insertKept: Scenario = { ...insert, written: 'insert, history + audit', kept: true }

const updateKept: Scenario = {
  ...insertKept,
  written: 'update, history + audit',
  fill: putAll,
  async warm(workspace) {
    await putAtOnce(workspace)
    await workspace.invoices.count()
  },
}

export const hubPutMany: Question[] = [
  writeQuestion(insert, 'NORMAL'),
  writeQuestion(insert, 'FULL'),
  writeQuestion(insertKept, 'NORMAL'),
  writeQuestion(updateKept, 'NORMAL'),
]
