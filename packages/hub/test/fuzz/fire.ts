/** Starts a child process for each target and gathers what they report. */
import { fork } from 'node:child_process'
import path from 'node:path'
import { EXPANDED_BYTES } from './target.ts'
import type { Job, Shots } from './shoot.ts'

const root = path.resolve(import.meta.dirname, '../../../..')

/** Files that export `targets`, and their names; the hub knows the lobby's by path alone. */
const files: ReadonlyArray<{ readonly file: string; readonly targets: readonly string[] }> = [
  {
    file: 'packages/hub/test/fuzz/partition-targets.ts',
    targets: ['container and header', 'body format 1', 'body format 2'],
  },
  { file: 'packages/lobby/test/fuzz/container-targets.ts', targets: ['multi-vault container'] },
]

/** The expanded cap once as bytes, twice as text, once as values, and what a heap of that size leaves behind. */
export const MEMORY_CAP = 8 * EXPANDED_BYTES

export interface Fire {
  readonly count: number
  readonly seed: string
  readonly first?: number
  /** Part of a target's name. */
  readonly only?: string
}

/** Small, so that what is left lying about is collected before it counts; too small for what a parser holds on to. */
const HEAP = ['--max-old-space-size=96', '--max-semi-space-size=4']

/** One target after the other; `count` is shared out among them. */
export async function fire({ count, seed, first = 0, only = '' }: Fire): Promise<Shots[]> {
  const chosen = files.flatMap(({ file, targets }) =>
    targets.map((target) => ({ file: path.join(root, file), target })),
  )
  const wanted = chosen.filter(({ target }) => target.includes(only))
  const each = Math.ceil(count / wanted.length)
  const reports: Shots[] = []
  for (const { file, target } of wanted)
    reports.push(await shootApart({ file, target, seed, first, count: each }))
  return reports
}

function shootApart(job: Job): Promise<Shots> {
  return new Promise((resolve, reject) => {
    const child = fork(path.join(import.meta.dirname, 'shoot.ts'), { execArgv: HEAP })
    child.on('message', (shots) => resolve(shots as Shots)) // our own child's
    child.on('error', reject)
    child.on('exit', (code) =>
      reject(new Error(`The child of "${job.target}" ended with ${code} and no report.`)),
    )
    child.send(job)
  })
}

export function grownBytes({ residentBytes, peakBytes }: Shots): number {
  return Math.max(0, peakBytes - residentBytes)
}
