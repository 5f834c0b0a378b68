/** What a command of `klum` is, and what it answers. */
import type { Arguments, OptionTable } from './arguments.ts'

export interface Outcome {
  /** For people. */
  readonly lines: readonly string[]
  /** The same for programs: one JSON document. */
  readonly data: unknown
  /** False where the answer is no: exit code 1. */
  readonly holds?: boolean
}

export interface Command {
  /** After the name. */
  readonly usage: string
  readonly about: string
  readonly options: OptionTable
  run(args: Arguments, signal: AbortSignal): Promise<Outcome>
}
