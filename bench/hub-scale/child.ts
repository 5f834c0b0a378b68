/**
 * One contestant of one line at one size, in a process of its own, so that its peak of memory is its own. Started by `contest.ts`, which
 * tells it when to run; arguments: title of the line, who, count, the filled path or '', that of a warm-up, folder for profiles or ''.
 */
import { rmSync } from 'node:fs'
import { measured } from '../lib/measure.ts'
import { copyOf, scratchFile } from '../lib/scratch.ts'
import type { Runner, Who } from './line.ts'
import { lines } from './lines.ts'

const [title = '', who = '', size = '', filled = '', warmUp = '', profileTo = ''] = process.argv.slice(2)
const count = Number(size)
const line = lines.find((each) => each.title === title)
const runner = line?.runners[who as Who]
if (line === undefined || runner === undefined) throw new Error(`There is no ${who} in "${title}".`)

/** Rounds at a thousand records, for the compiler to see every path. */
const WARM_UPS = 6
const WARM_UP_COUNT = 1_000

async function once({ prepare }: Runner, from: string, records: number, expected: number, profile = '') {
  const path = from === '' ? scratchFile() : copyOf(from)
  const { handled, ...sample } = await measured(await prepare(path, records), profile || undefined)
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { recursive: true, force: true })
  if (handled !== expected) throw new Error(`${who} handled ${handled} of ${expected} records.`)
  return sample
}

if (process.send === undefined) {
  await runner.fill?.(filled, count)
} else {
  for (let round = 0; round < WARM_UPS; round += 1)
    await once(runner, warmUp, WARM_UP_COUNT, line.handles(WARM_UP_COUNT))
  process.on('message', (what) => {
    if (what === 'end') process.disconnect()
    else
      void once(runner, filled, count, line.handles(count), profileTo).then((sample) =>
        process.send?.({ ...sample, peakMB: process.resourceUsage().maxRSS / 1024 }),
      )
  })
  process.send('ready')
}
