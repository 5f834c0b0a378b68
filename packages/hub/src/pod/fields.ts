/** Members of untrusted objects, each checked as it is read. All throw BundleIntegrityError. */
import { BundleIntegrityError } from '../errors.ts'
import { isJsonObject, type JsonObject } from './untrusted-json.ts'

export function refuseOtherMembers(object: JsonObject, known: readonly string[], what: string): void {
  const other = Object.keys(object).find((name) => !known.includes(name))
  if (other !== undefined)
    throw new BundleIntegrityError(`${what} has an unknown member "${other.slice(0, 64)}".`)
}

export function readText(object: JsonObject, name: string, maxLength: number): string {
  const value = own(object, name)
  if (typeof value !== 'string' || value.length > maxLength)
    throw wrong(name, `a text of at most ${maxLength}`)
  return value
}

export function readOptionalText(object: JsonObject, name: string, maxLength: number): string | undefined {
  return own(object, name) === undefined ? undefined : readText(object, name, maxLength)
}

/** A whole number from `least`. */
export function readWhole(
  object: JsonObject,
  name: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = own(object, name)
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
    throw wrong(name, `a whole number from ${least} to ${most}`)
  }
  return value
}

export function readOneOf<const T extends string | number>(
  object: JsonObject,
  name: string,
  values: readonly T[],
): T {
  const value = own(object, name)
  const found = values.find((allowed) => allowed === value)
  if (found === undefined) throw wrong(name, values.join(' or '))
  return found
}

export function readObject(object: JsonObject, name: string): JsonObject {
  const value = own(object, name)
  if (!isJsonObject(value)) throw wrong(name, 'an object')
  return value
}

export function readMatch(object: JsonObject, name: string, pattern: RegExp): string {
  const value = own(object, name)
  if (typeof value !== 'string' || !pattern.test(value)) throw wrong(name, `of the form ${pattern.source}`)
  return value
}

export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function wrong(name: string, expected: string): BundleIntegrityError {
  return new BundleIntegrityError(`The member "${name}" is not ${expected}.`)
}
