/**
 * The child process: makes its inputs, gives each to the parser, and reports. Input `i` depends on the seed, the target
 * and `i` alone, so any one can be made again.
 */
import { pathToFileURL } from 'node:url'
import { mutateBytes, mutateJson, mutateText } from './mutate.ts'
import { Random } from './random.ts'
import type { Target } from './target.ts'

/** Of processor time, all threads: an input that takes more is reported. The clock would measure how busy the machine is. */
const SLOW_MS = 100
/** Inputs before memory is looked at: code is compiled and caches are filled by then. */
const WARM_UP = 300
const KEPT = 10

export interface Job {
  readonly file: string
  readonly target: string
  readonly seed: string
  readonly first: number
  readonly count: number
}

export interface Shots {
  readonly target: string
  readonly count: number
  readonly accepted: number
  readonly refused: number
  /** Neither: the number of the input, and what was thrown. */
  readonly defects: ReadonlyArray<{ readonly input: number; readonly error: string }>
  readonly slow: ReadonlyArray<{ readonly input: number; readonly ms: number }>
  readonly slowCount: number
  readonly longestMs: number
  /** Resident bytes after the warm-up, and the most there ever were. */
  readonly residentBytes: number
  readonly peakBytes: number
}

export async function shoot({ file, target: name, seed, first, count }: Job): Promise<Shots> {
  const { targets } = (await import(pathToFileURL(file).href)) as { targets: readonly Target[] } // a file of targets
  const target = targets.find((one) => one.name === name)
  if (target === undefined) throw new Error(`${file} has no target "${name}".`)
  const shots = { target: name, count, accepted: 0, refused: 0, slowCount: 0, longestMs: 0, residentBytes: 0 }
  const defects: Array<{ input: number; error: string }> = []
  const slow: Array<{ input: number; ms: number }> = []
  for (let input = first; input < first + count; input += 1) {
    if (input - first === Math.min(WARM_UP, count - 1)) shots.residentBytes = process.memoryUsage.rss()
    const random = new Random(`${seed}/${name}/${input}`)
    const bytes = target.make({ random, mutateBytes, mutateJson, mutateText })
    const before = process.cpuUsage()
    const answer = await ask(target, bytes)
    const { user, system } = process.cpuUsage(before)
    const ms = (user + system) / 1000
    shots.longestMs = Math.max(shots.longestMs, ms)
    if (ms > SLOW_MS) shots.slowCount += 1
    if (ms > SLOW_MS && slow.length < KEPT) slow.push({ input, ms })
    if (answer === 'accepted' || answer === 'refused') shots[answer] += 1
    else if (defects.length < KEPT) defects.push({ input, error: answer.error })
  }
  return { ...shots, defects, slow, peakBytes: process.resourceUsage().maxRSS * 1024 }
}

async function ask(target: Target, bytes: Uint8Array): Promise<'accepted' | 'refused' | { error: string }> {
  try {
    await target.parse(bytes)
    return 'accepted'
  } catch (error) {
    if (target.isRefusal(error)) return 'refused'
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

process.on('message', (job: Job) => {
  void shoot(job).then((shots) => process.send?.(shots, () => process.disconnect()))
})
