/**
 * The console's jobs without its window: `klum COMMAND …`, started by `bin/klum`.
 * Exit codes: 0 done; 1 the answer is no, or what was to be proved does not hold; 2 it was refused or failed, and the code says
 * why. With `--json` standard output is one JSON document, errors as `{ "error": { "code", "message" } }`.
 */
import { main as groupCommand } from '@klum-db/lobby/cli'
import { type AppError, toAppError } from '../console/app-error.ts'
import { Arguments } from './arguments.ts'
import type { Command } from './command.ts'
import { commands } from './commands/index.ts'

export interface Streams {
  out(line: string): void
  error(line: string): void
}

/** What proves a thing says so by throwing; that it does not hold is an answer, not a failure. */
const answersNo = new Set([
  'RECEIPT_INVALID',
  'RECEIPT_OF_OTHER_KEY',
  'SIGNATURE_INVALID',
  'SNAPSHOT_INVALID',
])

export async function klum(argv: readonly string[], streams: Streams, signal: AbortSignal): Promise<number> {
  const { name, rest } = commandOf(argv)
  if (name === 'inspect-group' || name === 'meter-group') return groupCommand(argv, streams)
  const command = commands.get(name)
  if (command === undefined) return help(name, streams)
  const json = rest.includes('--json')
  try {
    return await run(name, command, new Arguments(rest, command.options), streams, signal)
  } catch (error) {
    return refused(error, json, streams)
  }
}

/** Commands of one or two words. */
function commandOf([first = '', second = '', ...more]: readonly string[]): { name: string; rest: string[] } {
  const both = `${first} ${second}`
  if (commands.has(both)) return { name: both, rest: more }
  return { name: first, rest: second === '' ? more : [second, ...more] }
}

async function run(
  name: string,
  command: Command,
  args: Arguments,
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  if (args.flag('help')) {
    streams.out(`klum ${name} ${command.usage} [--json]\n  ${command.about}`)
    return 0
  }
  const { lines, data, holds = true } = await command.run(args, signal)
  if (args.flag('json')) streams.out(JSON.stringify(data, null, 2))
  else for (const line of lines) streams.out(line)
  return holds ? 0 : 1
}

function help(name: string, streams: Streams): number {
  const known = [...commands].map(([each, { about }]) => `  klum ${each.padEnd(16)} ${about}`)
  const groups =
    '  klum inspect-group | meter-group CONFIG --group=NAME   a group of shards, opened by a config module'
  const asked = name === '' || name === '--help' || name === '-h'
  const text = ['klum COMMAND … [--json]; klum COMMAND --help says more', '', ...known, groups].join('\n')
  if (asked) streams.out(text)
  else streams.error(`There is no command "${name}".\n${text}`)
  return asked ? 0 : 2
}

function refused(error: unknown, json: boolean, streams: Streams): number {
  const known = toAppError(error)
  const code = codeOf(known)
  const message = code === 'INTERNAL' && error instanceof Error ? error.message : known.message
  if (json)
    streams.out(
      JSON.stringify({ error: { code, message, ...(known.details && { details: known.details }) } }, null, 2),
    )
  else streams.error(`${message} [${code}]`)
  return answersNo.has(code) ? 1 : 2
}

/** The engine's own code says more than the one that screens know. */
function codeOf({ code, cause }: AppError): string {
  if (code === 'PERIOD_CLOSED') return code // the engine calls it a locked record
  const inner = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return code !== 'INTERNAL' &&
    typeof inner === 'string' &&
    /^[A-Z_]+$/.test(inner) &&
    !/^E[A-Z]+$/.test(inner)
    ? inner
    : code
}
