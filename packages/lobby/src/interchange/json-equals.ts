/** Equality of JSON values: the order of members does not count, and an undefined member is one that is not there. */
import { isObject } from './record-path.ts'

export function jsonEquals(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, at) => jsonEquals(item, right[at]))
    )
  }
  return isObject(left) && isObject(right) && sameMembers(left, right)
}

function sameMembers(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].every((name) => jsonEquals(own(left, name), own(right, name)))
}

function own(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}
