/** Runs the contestants of a line at one size in turns, each in its own process. */
import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Settings } from '../lib/bench.ts'
import { median } from '../lib/measure.ts'
import { scratchFile } from '../lib/scratch.ts'
import { AIMED_AT, type Line, type Measured, type Row, type Who } from './line.ts'

const child = fileURLToPath(new URL('./child.ts', import.meta.url))
const WARM_UP_COUNT = 1_000

interface Running {
  readonly who: Who
  readonly process: ChildProcess
  readonly samples: Measured[]
}

const filled = new Map<string, string>()

/** Once for each line, contestant and size. */
function fill(line: Line, who: Who, count: number): string {
  if (line.runners[who]?.fill === undefined) return ''
  const key = `${line.title} ${who} ${count}`
  const known = filled.get(key)
  if (known !== undefined) return known
  const path = scratchFile()
  execFileSync(process.execPath, [child, line.title, who, String(count), path], { stdio: 'inherit' })
  filled.set(key, path)
  return path
}

async function start(line: Line, who: Who, count: number, profileTo = ''): Promise<Running> {
  const paths = [fill(line, who, count), fill(line, who, WARM_UP_COUNT)]
  const started = fork(child, [line.title, who, String(count), ...paths, profileTo])
  await answer(started)
  return { who, process: started, samples: [] }
}

/** @throws when the contestant ends instead */
async function answer(from: ChildProcess): Promise<unknown> {
  const stop = new AbortController()
  const { signal } = stop
  const failed = once(from, 'exit', { signal }).then(() => {
    throw new Error('A contestant has failed.')
  })
  try {
    const [message] = (await Promise.race([once(from, 'message', { signal }), failed])) as [unknown] // of `child.ts`
    return message
  } finally {
    failed.catch(() => undefined) // aborted, or thrown above
    stop.abort()
  }
}

function contestantsOf(line: Line, count: number, { profileTo }: Settings): Who[] {
  const all = Object.keys(line.runners) as Who[] // the keys of the record
  if (profileTo !== undefined) return ['hub']
  return all.filter((who) => who !== 'pouch' || count === AIMED_AT)
}

/** Medians by contestant. */
export async function contest(line: Line, count: number, settings: Settings): Promise<Row> {
  const running: Running[] = []
  for (const who of contestantsOf(line, count, settings))
    running.push(await start(line, who, count, settings.profileTo))
  for (let round = 0; round < settings.runs; round += 1) {
    for (const one of round % 2 === 0 ? running : running.toReversed()) {
      one.process.send('run')
      one.samples.push((await answer(one.process)) as Measured) // as `child.ts` sends it
    }
  }
  for (const { process } of running) {
    process.send('end')
    await once(process, 'exit')
  }
  return Object.fromEntries(running.map(({ who, samples }) => [who, summary(samples)]))
}

function summary(samples: readonly Measured[]): Measured {
  return {
    ms: median(samples.map(({ ms }) => ms)),
    cpu: median(samples.map(({ cpu }) => cpu)),
    peakMB: Math.max(...samples.map(({ peakMB }) => peakMB)),
  }
}
