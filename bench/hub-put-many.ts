/** What do 10,000 records in one transaction cost, in a session that is in use? */
import { RECORDS, type Question } from './lib/bench.ts'
import { makeInvoices, type Invoice } from './lib/invoices.ts'
import { writeQuestion, type Scenario } from './lib/scenario.ts'
import type { Workspace } from './lib/workspace.ts'

async function putAll({ invoices }: Workspace, count: number): Promise<number> {
  await invoices.putMany(makeInvoices(count).map((record) => ({ id: record.id, record })))
  return invoices.count()
}

/** The runner's collection of garbage has dropped compiled code; the peers' few lines are compiled again at once. */
async function useForAWhile({ vault }: Workspace): Promise<void> {
  const others = vault.collection<Invoice>('others', { provenance: true })
  await others.putMany(makeInvoices(RECORDS).map((record) => ({ id: record.id, record })))
}

const insert: Scenario = {
  title: 'putMany',
  written: 'no history',
  kept: false,
  write: putAll,
  warm: useForAWhile,
}

const insertKept: Scenario = { ...insert, written: 'insert, history + audit', kept: true }

const updateKept: Scenario = {
  ...insertKept,
  written: 'update, history + audit',
  fill: putAll,
  async warm(workspace) {
    await useForAWhile(workspace)
    await workspace.invoices.count()
  },
}

export const hubPutMany: Question[] = [
  writeQuestion(insert, 'NORMAL'),
  writeQuestion(insert, 'FULL'),
  writeQuestion(insertKept, 'NORMAL'),
  writeQuestion(updateKept, 'NORMAL'),
]
