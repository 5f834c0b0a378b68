/**
 * `node packages/hub/test/fuzz/run.ts --count=200000 [--seed=text] [--only=part of a target's name] [--first=n]`
 * Damaged inputs for every parser of bytes from outside. Fails on anything but acceptance or a coded refusal, and on
 * memory beyond the cap; slow inputs are reported. One input again: its number as `--first`, `--count=1`, the same seed.
 */
import { fire, grownBytes, MEMORY_CAP } from './fire.ts'
import type { Shots } from './shoot.ts'

function argument(name: string): string | undefined {
  return process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
}

const mb = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MB`

function linesOf(shots: Shots): string[] {
  const grown = grownBytes(shots)
  const { target, count, accepted, refused, defects, slow, slowCount, longestMs, residentBytes } = shots
  return [
    `${target}: ${count} inputs, ${accepted} accepted, ${refused} refused, ${count - accepted - refused} defects`,
    `  longest ${longestMs.toFixed(1)} ms of processor time, ${slowCount} above 100 ms; resident ${mb(residentBytes)}, grew by ${mb(grown)} (cap ${mb(MEMORY_CAP)})`,
    ...slow.map(({ input, ms }) => `  slow: input ${input}, ${ms.toFixed(0)} ms`),
    ...defects.map(({ input, error }) => `  DEFECT: input ${input}: ${error}`),
  ]
}

const seed = argument('seed') ?? new Date().toISOString()
const count = Number(argument('count') ?? 200_000)
const only = argument('only')
const first = Number(argument('first') ?? 0)
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(first))
  throw new Error('--count and --first take whole numbers.')
console.log(`seed ${seed}, ${count} inputs`)
const started = performance.now()
const reports = await fire({ count, seed, first, ...(only !== undefined && { only }) })
for (const shots of reports) for (const line of linesOf(shots)) console.log(line)
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`)
const failed = reports.some((shots) => shots.defects.length > 0 || grownBytes(shots) > MEMORY_CAP)
process.exitCode = failed ? 1 : 0
