/**
 * What does a bundle cost with 1 %, 10 % and 50 % of its records in conflict: to plan, to apply, to show a page of the queue,
 * to undo? Per record it should cost the same at any size.
 */
import { applyImport, openConflictQueue, undoImport } from '@klum-db/lobby'
import type { Report, Settings } from './lib/bench.ts'
import { bundlesOf, plan, putAll } from './lib/exchange.ts'
import { median } from './lib/measure.ts'
import { ratio, row } from './lib/print.ts'
import { copyOf, removeFile, scratchFile } from './lib/scratch.ts'
import { openWorkspace } from './lib/workspace.ts'

const SIZES = [10_000, 100_000]
const SHARES = [0.01, 0.1, 0.5]
const STEPS = ['plan', 'apply', 'open queue', 'queue page', 'undo'] as const
const PAGE = 100
/** How much dearer a record of the largest bundle may be than one of the smallest. */
const AIM = 1.5

type Step = (typeof STEPS)[number]
/** Milliseconds. */
type Costs = Readonly<Record<Step, number>>

/** A receiving office that has the first bundle. */
async function received(count: number): Promise<string> {
  const file = scratchFile()
  const workspace = await openWorkspace({ file, kept: true })
  const { first } = await bundlesOf(count)
  await applyImport(workspace.db, await plan(workspace, first))
  await workspace.close()
  return file
}

async function disputed(from: string, conflicts: number): Promise<string> {
  const file = copyOf(from)
  const workspace = await openWorkspace({ file, kept: true })
  await putAll(workspace, conflicts, 'disputed')
  await workspace.close()
  return file
}

async function measure(from: string, count: number, conflicts: number): Promise<Costs> {
  const file = copyOf(from)
  const workspace = await openWorkspace({ file, kept: true })
  const { second } = await bundlesOf(count)
  const [planning, planned] = await timed(() => plan(workspace, second))
  if (planned.counts.queue !== conflicts) throw new Error(`There are ${planned.counts.queue} conflicts.`)
  const [applying] = await timed(() => applyImport(workspace.db, planned))
  const [opening, queue] = await timed(() => openConflictQueue(workspace.db))
  const [paging, page] = await timed(() => queue.list({ status: 'open' }, { limit: PAGE }))
  if (page.total !== conflicts) throw new Error(`The queue has ${page.total} rows.`)
  queue.close()
  const [undoing, undone] = await timed(() => undoImport(workspace.db, planned.id))
  if (undone.withdraw !== conflicts) throw new Error(`Of the queue, ${undone.withdraw} rows were withdrawn.`)
  await workspace.close()
  removeFile(file)
  return { plan: planning, apply: applying, 'open queue': opening, 'queue page': paging, undo: undoing }
}

async function timed<T>(work: () => Promise<T>): Promise<[taken: number, result: T]> {
  const started = performance.now()
  const result = await work()
  return [performance.now() - started, result]
}

async function costsOf(file: string, count: number, share: number, runs: number): Promise<Costs> {
  const conflicts = Math.round(count * share)
  const from = await disputed(file, conflicts)
  const costs: Costs[] = []
  for (let round = 0; round < runs; round += 1) costs.push(await measure(from, count, conflicts))
  removeFile(from)
  const middle = STEPS.map((step) => [step, median(costs.map((one) => one[step]))] as const)
  return Object.fromEntries(middle) as Costs // one of each step
}

const widths = [10, 12, 14, 14, 10, 10]

async function lines({ runs, records = SIZES }: Settings): Promise<string[]> {
  const printed = [
    row(['conflicts', 'step', ...records.map((count) => `${count} (µs each)`), 'growth'], widths),
  ]
  const bySize = new Map<number, Costs[]>()
  for (const count of records) {
    const file = await received(count)
    const costs: Costs[] = []
    for (const share of SHARES) costs.push(await costsOf(file, count, share, runs))
    bySize.set(count, costs)
    removeFile(file)
  }
  for (const [at, share] of SHARES.entries()) {
    for (const step of STEPS) {
      const each = records.map((count) => perRecord(bySize.get(count)?.[at]?.[step] ?? 0, count))
      const growth = ratio(each.at(-1) ?? 0, each[0])
      const cells = [`${share * 100} %`, step, ...each.map((cost) => cost.toFixed(1)), growth]
      printed.push(row(cells, widths))
    }
  }
  printed.push(`aim: growth of plan, apply and undo at most ${AIM}x; a page reads no record`)
  return printed
}

/** Microseconds. */
function perRecord(taken: number, count: number): number {
  return (taken * 1_000) / count
}

export const interchange: Report = { title: 'Interchange: bundles with conflicts, small and large', lines }
