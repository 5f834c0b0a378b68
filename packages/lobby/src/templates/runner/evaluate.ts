/** One record through a chain of expressions, inside the worker. */
import jsonata from 'jsonata'
import { refusedNames } from '../expression.ts'
import { decimalFunctions } from './decimal-functions.ts'
import type { StepFailure, WorkerSettings } from './protocol.ts'

/** JSON text in, JSON text of the last result out, or the step that failed. Never rejects. */
export type Evaluate = (expressions: readonly string[], row: string) => Promise<string | StepFailure>

type Compiled = ReturnType<typeof jsonata>

export function createEvaluator(settings: WorkerSettings, onStep: (step: number) => void): Evaluate {
  const compiled = new Map<string, Compiled>()
  const expressionOf = (text: string): Compiled => {
    const known = compiled.get(text) ?? compile(text, settings)
    compiled.set(text, known)
    return known
  }
  return async (expressions, row) => {
    let text = row
    for (const [step, expression] of expressions.entries()) {
      onStep(step)
      try {
        // A fresh parse per step: what one expression did to its input cannot reach the next.
        const result: unknown = await expressionOf(expression).evaluate(JSON.parse(text))
        text = toText(result, settings)
      } catch (error) {
        return { step, ...failureOf(error) }
      }
    }
    return text
  }
}

function compile(text: string, settings: WorkerSettings): Compiled {
  const expression = jsonata(text, {
    timeout: settings.recordMs,
    stack: settings.depth,
    sequence: settings.sequence,
  })
  for (const { name, signature, run } of decimalFunctions)
    // jsonata has checked the arguments against the signature.
    expression.registerFunction(name, run as (...args: unknown[]) => unknown, signature)
  // The check of the template has refused these already; here they are out of reach as well.
  for (const name of refusedNames) expression.assign(name, undefined)
  return expression
}

function toText(result: unknown, { resultChars, resultDepth }: WorkerSettings): string {
  if (result === undefined) throw new RangeError('It gives no result.')
  checkPlain(result, resultDepth)
  const text = JSON.stringify(result)
  if (text.length > resultChars) throw new RangeError('Its result is too large.')
  return text
}

/** JSON would leave functions out in silence, and write what is no number as null. */
function checkPlain(value: unknown, depth: number): void {
  if (typeof value === 'function') throw new RangeError('Its result contains a function.')
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new RangeError('Its result contains a number that is none.')
  if (typeof value !== 'object' || value === null) return
  if (depth === 0) throw new RangeError('Its result is nested too deeply.')
  if ('_jsonata_lambda' in value || '_jsonata_function' in value)
    throw new RangeError('Its result contains a function.')
  if (Object.hasOwn(value, '__proto__')) throw new RangeError('Its result has a member named __proto__.')
  for (const member of Object.values(value)) checkPlain(member, depth - 1)
}

/** What jsonata calls an evaluation that took too long. */
const TIMED_OUT = 'D1012'

function failureOf(error: unknown): Omit<StepFailure, 'step'> {
  const fault = typeof error === 'object' && error !== null ? error : {}
  const code = 'code' in fault ? String(fault.code) : ''
  const message = 'message' in fault && typeof fault.message === 'string' ? fault.message : 'It failed.'
  return {
    kind: code === TIMED_OUT ? 'limit' : 'error',
    message: message.slice(0, 500),
    ...('position' in fault && typeof fault.position === 'number' && { position: fault.position }),
  }
}
