/**
 * `npm run bench -- [words] [--runs=3] [--profile=folder]`: every bench whose line holds all the words, or with `--profile` our side
 * alone, writing what `top.ts` reads. Prints figures, judges none of them.
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
import { keyDerivation } from './key-derivation.ts'
import { lobbyImport } from './lobby-import.ts'
import { loopStall } from './loop-stall.ts'

const questions: readonly Question[] = [...hubPutMany, ...hubRead, ...lobbyImport, ...hubPut]
const reports: readonly Report[] = [
  loopStall,
  fileSize,
  growth,
  keyDerivation,
  dock,
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
  const runs = Number(args.find((arg) => arg.startsWith('--runs='))?.slice('--runs='.length) ?? 3)
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a whole number from 1.')
  const profileTo = args.find((arg) => arg.startsWith('--profile='))?.slice('--profile='.length)
  return { runs, ...(profileTo !== undefined && { profileTo }) }
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
