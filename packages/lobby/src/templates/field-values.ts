/** Values inside a record, by dotted paths, through own members only. */
import { isObject } from '../interchange/record-path.ts'

/** The value at a path without `*`; undefined where nothing stands. */
export function valueAt(record: unknown, path: string): unknown {
  let value = record
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step] // own member of an object, checked above
  }
  return value
}

/** Reads every value at a path whose `*` stands for the entries of a list; absent ones are left out. */
export function reader(path: string): (record: unknown) => unknown[] {
  const steps = path.split('.')
  return (record) => {
    let found = [record]
    for (const step of steps) found = found.flatMap((value) => inside(value, step))
    return found
  }
}

function inside(value: unknown, step: string): unknown[] {
  if (step === '*') return Array.isArray(value) ? value : []
  return isObject(value) && Object.hasOwn(value, step) && value[step] !== undefined ? [value[step]] : []
}
