/**
 * Paths inside a record: `freight`, `address.city`, `lines.2.quantity`. A step through a list of lines is the line's
 * key (see line-key.ts), not its position. A dot or backslash inside a field name is written with a backslash before it.
 */
import { DecisionInvalidError } from '../errors.ts'
import { findLine, lineKeyOf } from './line-key.ts'

/** Stands for a member that is not there; JSON has `null`, which is a value. */
export const ABSENT = Symbol('absent')

/** `key` is the member that names the lines where the step leads into a list. */
export interface Step {
  readonly name: string
  readonly key: string | null
}

export function joinPath(parent: string, step: string): string {
  const escaped = step.replaceAll(/[\\.]/g, '\\$&')
  return parent === '' ? escaped : `${parent}.${escaped}`
}

export function splitPath(path: string): string[] {
  const steps = path.match(/(?:\\.|[^\\.])+/g) ?? []
  return steps.map((step) => step.replaceAll(/\\(.)/g, '$1'))
}

/** The lists of all sides together say which member names their lines, as they do when the sides are compared. */
export function resolvePath(path: string, sides: readonly unknown[]): Step[] {
  let at = sides
  return splitPath(path).map((name) => {
    const step = { name, key: lineKeyOf(at.filter((value) => Array.isArray(value))) }
    at = at.map((value) => valueAt(value, [step]))
    return step
  })
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own member only, so that a field name never reaches a prototype. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : ABSENT
}

export function valueAt(value: unknown, steps: readonly Step[]): unknown {
  const [step, ...rest] = steps
  if (step === undefined) return value
  if (!Array.isArray(value)) return valueAt(member(value, step.name), rest)
  const at = findLine(value, step.key, step.name)
  return at === -1 ? ABSENT : valueAt(value[at], rest)
}

/** A copy of `value` with `next` at the path; `ABSENT` removes what is there. */
export function withValueAt(value: unknown, steps: readonly Step[], next: unknown): unknown {
  const [step, ...rest] = steps
  if (step === undefined) return next
  if (Array.isArray(value)) return withLine(value, step, rest, next)
  if (!isObject(value)) throw nothingThere(step)
  const inner = rest.length === 0 ? next : withValueAt(member(value, step.name), rest, next)
  return withMember(value, step.name, inner)
}

/** Keeps the place of a member that is there; a new one goes to the end. */
export function withMember(
  value: Record<string, unknown>,
  name: string,
  next: unknown,
): Record<string, unknown> {
  if (next !== ABSENT) return { ...value, [name]: next } // a computed name is an own member, __proto__ too
  const { [name]: _removed, ...rest } = value
  return rest
}

/** A line that is not there yet goes to the end. */
function withLine(lines: readonly unknown[], step: Step, rest: readonly Step[], next: unknown): unknown {
  const at = findLine(lines, step.key, step.name)
  if (at === -1 && (rest.length > 0 || step.key === null)) throw nothingThere(step)
  const line = rest.length === 0 ? next : withValueAt(lines[at], rest, next)
  if (at === -1) return line === ABSENT ? lines : [...lines, line]
  return line === ABSENT ? lines.toSpliced(at, 1) : lines.with(at, line)
}

function nothingThere(step: Step): DecisionInvalidError {
  return new DecisionInvalidError(`The record has nothing at "${step.name}" that could be set.`)
}
