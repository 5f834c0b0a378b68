/** How long does the main loop stand still while we work? Aim: under 50 ms. */
import { applyImport, type ImportPlan } from '@klum-db/lobby'
import { RECORDS, type Report, type Settings } from './lib/bench.ts'
import { bundlesOf, plan, putAll, receiveFirst, send } from './lib/exchange.ts'
import { watchHistogram, watchTurns, type Longest, type Watch } from './lib/loop.ts'
import { collectGarbage, median } from './lib/measure.ts'
import { ms, row } from './lib/print.ts'
import { copyOf, removeFile, scratchFile } from './lib/scratch.ts'
import { openWorkspace, type Workspace } from './lib/workspace.ts'

interface Step {
  readonly name: string
  work(workspace: Workspace, kept: { plan?: ImportPlan }): Promise<unknown>
}

const steps: readonly Step[] = [
  { name: 'nothing, for 300 ms (the machine)', work: () => new Promise((done) => setTimeout(done, 300)) },
  { name: 'list 10,000', work: ({ invoices }) => invoices.list() },
  { name: 'plan 10,000 with 1,000 conflicts', work: planSecond },
  { name: 'apply that plan', work: ({ db }, kept) => applyImport(db, planOf(kept)) },
  {
    name: 'putMany 10,000 updates, history + audit',
    work: (workspace) => putAll(workspace, RECORDS, 'sent'),
  },
  { name: 'export 10,000', work: send },
]

async function planSecond(workspace: Workspace, kept: { plan?: ImportPlan }): Promise<void> {
  kept.plan = await plan(workspace, (await bundlesOf(RECORDS)).second)
}

function planOf({ plan: made }: { plan?: ImportPlan }): ImportPlan {
  if (made === undefined) throw new Error('The import was not planned.')
  return made
}

/** The longest stall of each step, in order. */
async function watchSteps(file: string, watch: () => Watch): Promise<Longest[]> {
  const copy = copyOf(file)
  const workspace = await openWorkspace({ file: copy, kept: true })
  const longest: Longest[] = []
  const kept: { plan?: ImportPlan } = {}
  for (const { work } of steps) {
    collectGarbage()
    const watching = watch()
    await new Promise((settled) => setTimeout(settled, 20)) // both watches need a turn before they can miss one
    await work(workspace, kept)
    await new Promise((settled) => setTimeout(settled, 20))
    longest.push(watching.stop())
  }
  await workspace.close()
  removeFile(copy)
  return longest
}

async function prepare(): Promise<string> {
  const file = scratchFile()
  const workspace = await openWorkspace({ file, kept: true })
  await receiveFirst(workspace, RECORDS)
  await workspace.close()
  return file
}

const columns = ['monitorEventLoopDelay', 'turn to turn', 'busy in one turn']
const widths = [42, 24, 24, 24]

async function lines({ runs }: Settings): Promise<string[]> {
  const file = await prepare()
  const watched: Longest[][] = []
  for (let round = 0; round < runs; round += 1) {
    watched.push(await watchSteps(file, watchHistogram), await watchSteps(file, watchTurns))
  }
  const cell = (step: number, column: string): string => {
    const values = watched.map((run) => run[step]?.[column]).filter((value) => value !== undefined)
    return `${ms(median(values))} (max ${ms(Math.max(...values))})`
  }
  return [
    row(['step', ...columns], widths),
    ...steps.map(({ name }, step) => row([name, ...columns.map((column) => cell(step, column))], widths)),
  ]
}

export const loopStall: Report = {
  title: 'Longest stall of the main loop, median ms of the runs',
  lines,
}
