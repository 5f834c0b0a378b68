/**
 * Records are JSON values. One pass checks a record and copies it, so that what is encrypted, what is
 * cached and what comes back from the store are the same. What JSON would change silently (NaN, bigint,
 * functions, Map, …) is refused by its path; undefined members are dropped as JSON does.
 */
import { ValidationError } from '../errors.ts'
import { limits } from '../limits.ts'

type Path = readonly (string | number)[]

/** @throws ValidationError naming the path of what is no JSON value */
export function toJsonValue(value: unknown): unknown {
  const copy = copyChecked(value, 0, [])
  if (copy === undefined || copy === null) throw refused([], 'is nothing; a record is a JSON value')
  return copy
}

/** JSON text of a checked record. @throws ValidationError beyond `limits.recordBytes` */
export function toJsonText(record: unknown): string {
  const text = JSON.stringify(record)
  // A UTF-16 unit is at most three bytes: most records are counted by their length alone.
  if (text.length * 3 > limits.recordBytes && Buffer.byteLength(text) > limits.recordBytes)
    throw new ValidationError(`The record is larger than ${limits.recordBytes} bytes.`)
  return text
}

/** A copy of a value that is known to be JSON. */
export function cloneJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(cloneJson)
  const copy: Record<string, unknown> = {}
  const source = value as Record<string, unknown> // the only objects in JSON besides arrays
  for (const key in source) {
    if (key !== '__proto__') copy[key] = cloneJson(source[key]) // never written by us; copying it would set the prototype
  }
  return copy
}

export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const member of Object.values(value)) deepFreeze(member)
}

function copyChecked(value: unknown, depth: number, path: (string | number)[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      throw refused(path, `is ${value}, which JSON cannot hold`)
    case 'object':
      return value === null ? null : copyObject(value, depth, path)
    default:
      throw refused(path, `is a ${typeof value}, which JSON cannot hold`)
  }
}

function copyObject(value: object, depth: number, path: (string | number)[]): unknown {
  if (depth >= limits.recordDepth) throw refused(path, `is nested deeper than ${limits.recordDepth} levels`)
  if (Array.isArray(value)) return copyArray(value, depth, path)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return copySpecial(value, depth, path)
  return copyMembers(value, depth, path)
}

function copyArray(value: readonly unknown[], depth: number, path: (string | number)[]): unknown[] {
  const copy: unknown[] = new Array(value.length)
  for (let at = 0; at < value.length; at += 1) {
    path.push(at)
    copy[at] = copyChecked(value[at], depth + 1, path)
    if (copy[at] === undefined) throw refused(path, 'is undefined, which an array in JSON cannot hold')
    path.pop()
  }
  return copy
}

function copyMembers(value: object, depth: number, path: (string | number)[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  const source = value as Record<string, unknown> // read by its own keys only
  for (const key of Object.keys(source)) {
    path.push(key)
    if (key === '__proto__') throw refused(path, 'is a member that could change the prototype')
    const member = copyChecked(source[key], depth + 1, path)
    if (member !== undefined) copy[key] = member
    path.pop()
  }
  return copy
}

/** Not a plain object: what JSON writes for it (a Date), its members (a class of plain data), or nothing at all. */
function copySpecial(value: object, depth: number, path: (string | number)[]): unknown {
  if (hasToJson(value)) {
    const text = value.toJSON()
    if (text === null) throw refused(path, 'is a value that JSON would turn into null')
    return copyChecked(text, depth + 1, path)
  }
  const kind = Object.prototype.toString.call(value)
  if (kind === '[object Object]' && !ArrayBuffer.isView(value)) return copyMembers(value, depth, path)
  throw refused(path, `is ${kind.slice(8, -1)}, which JSON cannot hold`)
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}

function refused(path: Path, what: string): ValidationError {
  const place = path.length === 0 ? 'The record' : `Member ${path.join('.')} of the record`
  return new ValidationError(`${place} ${what}.`)
}
