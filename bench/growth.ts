/** Does ten times the records cost ten times as much? */
import { RECORDS, type Report, type Settings } from './lib/bench.ts'
import { putAll } from './lib/exchange.ts'
import { median } from './lib/measure.ts'
import { ms, ratio, row } from './lib/print.ts'
import { filledFile } from './lib/reading.ts'
import { copyOf, removeFile, scratchFile } from './lib/scratch.ts'
import { openWorkspace, type Workspace } from './lib/workspace.ts'

const FEW = RECORDS / 10

interface Work {
  readonly name: string
  file(count: number): Promise<string>
  run(workspace: Workspace, count: number): Promise<unknown>
}

const works: readonly Work[] = [
  {
    name: 'list',
    file: async (count) => copyOf(await filledFile(count)),
    run: ({ invoices }) => invoices.list(),
  },
  { name: 'putMany, history + audit', file: async () => scratchFile(), run: putAll },
]

async function time({ file, run }: Work, count: number): Promise<number> {
  const path = await file(count)
  const workspace = await openWorkspace({ file: path, kept: true })
  const started = performance.now()
  await run(workspace, count)
  const taken = performance.now() - started
  await workspace.close()
  removeFile(path)
  return taken
}

const widths = [26, 14, 14, 20]

async function line(work: Work, runs: number): Promise<string> {
  await time(work, FEW)
  const [few, many]: [number[], number[]] = [[], []]
  for (let round = 0; round < runs; round += 1) {
    few.push(await time(work, FEW))
    many.push(await time(work, RECORDS))
  }
  return row([work.name, ms(median(few)), ms(median(many)), ratio(median(many), median(few))], widths)
}

async function lines({ runs }: Settings): Promise<string[]> {
  const printed = [row(['work', '1,000 (ms)', '10,000 (ms)', 'growth (10x = linear)'], widths)]
  for (const work of works) printed.push(await line(work, runs))
  return printed
}

export const growth: Report = { title: 'Growth from 1,000 to 10,000 records', lines }
