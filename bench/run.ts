/**
 * `npm run bench -- [words] [--runs=3] [--records=10000] [--profile=folder]`: every bench whose line holds all the words, or with
 * `--profile` our side alone, writing what `top.ts` reads. Prints figures and aims, fails on none of them.
 */
import { availableParallelism, cpus, release } from 'node:os'
import type { Bench, Question, Report, Settings } from './lib/bench.ts'
import { race } from './lib/measure.ts'
import { answer, head } from './lib/print.ts'
import { federationMigration } from './federation-migration.ts'
import { federation } from './federation.ts'
import { dock } from './dock.ts'
import { fileSize } from './file-size.ts'
import { growth } from './growth.ts'
import { hubPut } from './hub-put.ts'
import { hubPutMany } from './hub-put-many.ts'
import { hubRead } from './hub-read.ts'
import { hubScale } from './hub-scale/report.ts'
import { interchange } from './interchange.ts'
import { keyDerivation } from './key-derivation.ts'
import { lobbyImport } from './lobby-import.ts'
import { loopStall } from './loop-stall.ts'

const questions: readonly Question[] = [...hubPutMany, ...hubRead, ...lobbyImport, ...hubPut]
const reports: readonly Report[] = [
  ...hubScale,
  loopStall,
  fileSize,
  growth,
  keyDerivation,
  dock,
  interchange,
  federation,
  federationMigration,
]
const benches: readonly Bench[] = [...questions, ...reports]

const isReport = (bench: Bench): bench is Report => 'lines' in bench
const isQuestion = (bench: Bench): bench is Question => 'contestants' in bench

function wordsOf(bench: Bench): string {
  const words = isQuestion(bench) ? [bench.title, bench.durability, bench.written] : [bench.title]
  return words.join(' ').toLowerCase()
}

function settingsFrom(args: readonly string[]): Settings {
  const value = (name: string): string | undefined =>
    args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
  const runs = wholeNumber('runs', value('runs') ?? '3')
  const records = value('records')
    ?.split(',')
    .map((count) => wholeNumber('records', count))
  const profileTo = value('profile')
  return { runs, ...(records !== undefined && { records }), ...(profileTo !== undefined && { profileTo }) }
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} takes a whole number from 1.`)
  return number
}

async function print(question: Question, settings: Settings): Promise<void> {
  const amount = (await question.amount?.()) ?? ''
  const rows = amount === '' ? question.written : `${question.written}: ${amount}`
  for (const line of answer(question, rows, await race(question, settings))) console.log(line)
}

const args = process.argv.slice(2)
const settings = settingsFrom(args)
const words = args.filter((arg) => !arg.startsWith('--')).map((word) => word.toLowerCase())
const chosen = benches.filter((bench) => words.every((word) => wordsOf(bench).includes(word)))

console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'} x ${availableParallelism()}, ${release()}`,
)
if (chosen.some(isQuestion)) console.log(head)
for (const bench of chosen.filter(isQuestion)) await print(bench, settings)
for (const report of chosen.filter(isReport)) {
  console.log(`\n${report.title}`)
  for (const line of await report.lines(settings)) console.log(line)
}
