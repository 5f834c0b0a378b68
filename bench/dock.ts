/** What does a statement of 100 bookings cost to plan into a vault of 1,000 and of 100,000 records? It should cost the same. */
import {
  bytesSource,
  foreignReaders,
  parseProfile,
  planForeign,
  type ImportPlan,
  type NaturalKey,
} from '@klum-db/lobby'
import type { VaultApi } from '@noy-db/hub'
import type { Report, Settings } from './lib/bench.ts'
import { median } from './lib/measure.ts'
import { ms, ratio, row } from './lib/print.ts'
import { removeFile, scratchFile } from './lib/scratch.ts'
import { openWorkspace, type Workspace } from './lib/workspace.ts'

const VAULT = 'statements'
const FEW = 1_000
const MANY = 100_000
const BOOKINGS = 100
const CHUNK = 10_000

const profile = parseProfile({
  format: 1,
  id: 'bank',
  name: 'Bank',
  kind: 'csv',
  collection: 'payments',
  key: ['no'],
  fields: [
    { path: 'reference', from: { as: 'text', column: 'no' } },
    { path: 'amount', from: { as: 'minor', column: 'amount', currency: { code: 'EUR' } } },
  ],
})

const naturalKey: NaturalKey = {
  naturalKey: ['reference', 'amount'],
  indexes: ['reference'],
  naturalKeyOf: (record) => {
    const { reference, amount } = record as { reference: string; amount: number } // as the profile makes them
    return JSON.stringify([reference, amount])
  },
}

function declare(vault: VaultApi): void {
  vault.collection('payments', { large: true, indexes: ['reference'], provenance: true })
}

/** Half of it is here already under another id. */
function statement(): string {
  const lines = Array.from({ length: BOOKINGS }, (_, at) => `${at % 2 === 0 ? 'R' : 'new'}-${at},${at}.00`)
  return `no,amount\n${lines.join('\n')}\n`
}

async function fill(workspace: Workspace, count: number): Promise<void> {
  const vault = await workspace.db.openVault(VAULT)
  declare(vault)
  const payments = vault.collection('payments')
  for (let start = 0; start < count; start += CHUNK) {
    const size = Math.min(CHUNK, count - start)
    const rows = Array.from({ length: size }, (_, at) => {
      const reference = `R-${start + at}`
      return { id: reference, record: { reference, amount: (start + at) * 100 } }
    })
    await payments.putMany(rows)
  }
}

function plan(workspace: Workspace): Promise<ImportPlan> {
  const source = bytesSource('bank.csv', Buffer.from(statement()))
  const naturalKeys = new Map([['payments', naturalKey]])
  return planForeign(workspace.db, {
    vault: VAULT,
    profile,
    source,
    reader: foreignReaders.csv,
    declare,
    naturalKeys,
  })
}

interface Cost {
  readonly taken: number
  readonly duplicates: number
}

async function measure(file: string): Promise<Cost> {
  const workspace = await openWorkspace({ file })
  await workspace.db.openVault(VAULT)
  const started = performance.now()
  const { counts } = await plan(workspace)
  const taken = performance.now() - started
  await workspace.close()
  return { taken, duplicates: counts.queue }
}

async function costOf(count: number, runs: number): Promise<Cost> {
  const file = scratchFile()
  const workspace = await openWorkspace({ file })
  await fill(workspace, count)
  await workspace.close()
  await measure(file)
  const costs: Cost[] = []
  for (let round = 0; round < runs; round += 1) costs.push(await measure(file))
  removeFile(file)
  return { taken: median(costs.map(({ taken }) => taken)), duplicates: costs[0]?.duplicates ?? 0 }
}

const widths = [44, 14, 14, 10, 20]

async function lines({ runs }: Settings): Promise<string[]> {
  const few = await costOf(FEW, runs)
  const many = await costOf(MANY, runs)
  return [
    row(['work', '1,000 (ms)', '100,000 (ms)', 'growth', 'possible duplicates'], widths),
    row(
      [
        `plan a statement of ${BOOKINGS} bookings`,
        ms(few.taken),
        ms(many.taken),
        ratio(many.taken, few.taken),
        `${few.duplicates} / ${many.duplicates}`,
      ],
      widths,
    ),
  ]
}

export const dock: Report = { title: 'A small statement into a small and a large vault', lines }
