/** What the operators of `where` mean. A type mismatch excludes the record, it never throws. */
import type { Operator } from '../types/query.ts'

type Test = (value: unknown, operand: unknown) => boolean

const tests: Record<Operator, Test> = {
  '==': (value, operand) => value === operand,
  '!=': (value, operand) => value !== operand,
  '<': (value, operand) => ordered(value, operand, (order) => order < 0),
  '<=': (value, operand) => ordered(value, operand, (order) => order <= 0),
  '>': (value, operand) => ordered(value, operand, (order) => order > 0),
  '>=': (value, operand) => ordered(value, operand, (order) => order >= 0),
  in: (value, operand) => Array.isArray(operand) && operand.includes(value),
  contains: (value, operand) =>
    Array.isArray(value)
      ? value.includes(operand)
      : typeof value === 'string' && typeof operand === 'string' && value.includes(operand),
  startsWith: (value, operand) =>
    typeof value === 'string' && typeof operand === 'string' && value.startsWith(operand),
  between: (value, operand) =>
    Array.isArray(operand) &&
    operand.length === 2 &&
    ordered(value, operand[0], (order) => order >= 0) &&
    ordered(value, operand[1], (order) => order <= 0),
}

/** The test for an operator, or undefined for a name that is none (own properties only). */
export function operatorTest(op: string): Test | undefined {
  return Object.hasOwn(tests, op) ? tests[op as Operator] : undefined // an own key of `tests`
}

/** Negative, zero or positive for two numbers, strings or dates; null when they cannot be compared. */
export function compareValues(left: unknown, right: unknown): number | null {
  if (typeof left === 'number' && typeof right === 'number') return numberOrder(left, right)
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  if (left instanceof Date && right instanceof Date) return numberOrder(left.getTime(), right.getTime())
  return null
}

function numberOrder(left: number, right: number): number | null {
  if (Number.isNaN(left) || Number.isNaN(right)) return null
  return left < right ? -1 : left > right ? 1 : 0
}

function ordered(value: unknown, operand: unknown, accept: (order: number) => boolean): boolean {
  const order = compareValues(value, operand)
  return order !== null && accept(order)
}
