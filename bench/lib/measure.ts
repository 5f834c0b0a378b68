/** Times the contestants of a question in turns (A B C, C B A, ...), so that a drifting machine hits all of them alike. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startProfile } from './profile.ts'
import type { Contestant, Prepared, Question, Role, Settings } from './bench.ts'

export interface Timing {
  readonly role: Role
  readonly name: string
  readonly median: number
  readonly min: number
  readonly max: number
  /** Median of the processor time of all threads: what is left of a figure on a machine that does other things too. */
  readonly cpu: number
  readonly runs: number
}

interface Sample {
  readonly ms: number
  readonly cpu: number
}

/** Enough for the compiler to see every path, too little to cost a round. */
const WARM_UP_RECORDS = 2_000

setFlagsFromString('--expose-gc')
export const collectGarbage = runInNewContext('gc') as () => void // the flag above defines it

export async function race(question: Question, { runs, profileTo }: Settings): Promise<Timing[]> {
  const { count } = question
  const contestants = question.contestants.filter(({ role }) => role === 'ours' || profileTo === undefined)
  for (const contestant of contestants) await once(contestant, Math.min(count, WARM_UP_RECORDS))
  const times = new Map<Contestant, Sample[]>(contestants.map((each) => [each, []]))
  for (let round = 0; round < runs; round += 1) {
    const order = round % 2 === 0 ? contestants : contestants.toReversed()
    for (const contestant of order) times.get(contestant)?.push(await once(contestant, count, profileTo))
  }
  return [...times].map(([{ role, name }, all]) => ({ role, name, ...summary(all) }))
}

async function once(contestant: Contestant, count: number, profileTo?: string): Promise<Sample> {
  const { handled, ...sample } = await measured(await contestant.prepare(count), profileTo)
  if (handled !== count) throw new Error(`${contestant.name} handled ${handled} of ${count} records.`)
  return sample
}

/** One run of what was prepared, and its end. @param profileTo folder for a profile of the timed part */
export async function measured(
  { warm, run, end }: Prepared,
  profileTo?: string,
): Promise<Sample & { readonly handled: number }> {
  collectGarbage()
  await warm?.()
  const stopProfile = profileTo === undefined ? undefined : await startProfile(profileTo)
  const usage = process.cpuUsage()
  const started = performance.now()
  const handled = await run()
  const ms = performance.now() - started
  const { user, system } = process.cpuUsage(usage)
  await stopProfile?.()
  await end()
  return { handled, ms, cpu: (user + system) / 1000 }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)]
  return ((sorted[low] ?? NaN) + (sorted[high] ?? NaN)) / 2
}

function summary(samples: readonly Sample[]): Omit<Timing, 'role' | 'name'> {
  const times = samples.map(({ ms }) => ms)
  return {
    median: median(times),
    min: Math.min(...times),
    max: Math.max(...times),
    cpu: median(samples.map(({ cpu }) => cpu)),
    runs: samples.length,
  }
}

export interface Taken {
  readonly wall: number
  /** Processor time of all threads. */
  readonly cpu: number
}

/** Milliseconds of one piece of work. */
export async function timed(work: () => unknown): Promise<Taken> {
  const [started, usage] = [performance.now(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(usage)
  return { wall: performance.now() - started, cpu: (user + system) / 1000 }
}
