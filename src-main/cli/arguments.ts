/** Words of a command line, checked: unknown switches, missing ones and values that are none are refused. */
import { parseArgs, type ParseArgsConfig } from 'node:util'
import { AppError } from '../console/app-error.ts'

export type OptionTable = NonNullable<ParseArgsConfig['options']>

/** Every command has them. */
const common: OptionTable = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } }

export class Arguments {
  readonly positionals: readonly string[]
  readonly #values: Readonly<Record<string, unknown>>

  /** @throws UsageError */
  constructor(argv: readonly string[], options: OptionTable) {
    try {
      const parsed = parseArgs({
        args: [...argv],
        options: { ...common, ...options },
        allowPositionals: true,
      })
      this.positionals = parsed.positionals
      this.#values = parsed.values
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error))
    }
  }

  flag(name: string): boolean {
    return this.#values[name] === true
  }

  one(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  /** @throws UsageError where it was not given */
  need(name: string): string {
    const value = this.one(name)
    if (value === undefined || value === '') throw new UsageError(`--${name} is missing.`)
    return value
  }

  many(name: string): string[] {
    const value = this.#values[name]
    return Array.isArray(value) ? value.map(String) : []
  }

  /** @throws UsageError for anything else */
  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.one(name)
    if (value === undefined) return undefined
    const choice = choices.find((one) => one === value)
    if (choice === undefined)
      throw new UsageError(`--${name} is one of ${choices.join(', ')}; "${value}" is not.`)
    return choice
  }

  /** A whole number from 0. @throws UsageError */
  number(name: string): number | undefined {
    const value = this.one(name)
    if (value === undefined) return undefined
    if (!/^\d{1,9}$/.test(value)) throw new UsageError(`--${name} is a whole number; "${value}" is not.`)
    return Number(value)
  }

  /** @throws UsageError unless there is exactly one */
  onlyWord(what: string): string {
    const [word, ...more] = this.positionals
    if (word === undefined) throw new UsageError(`${what} is missing.`)
    if (more.length > 0) throw new UsageError(`"${more[0] ?? ''}" is one word too many.`)
    return word
  }

  /** @throws UsageError */
  noWords(): void {
    const [word] = this.positionals
    if (word !== undefined) throw new UsageError(`"${word}" is one word too many.`)
  }
}

/** The command line itself is wrong; nothing was done. */
export class UsageError extends AppError {
  constructor(message: string) {
    super('BAD_INPUT', message)
  }
}
