/**
 * JSON from outside. Nesting is measured on the text before it is parsed, so that no depth can exhaust the
 * stack; a `__proto__` member is refused at any level. Of a repeated member JSON.parse keeps the last one:
 * checks and use see the same value, so that is harmless.
 */
import { BundleIntegrityError } from '../errors.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** @throws BundleIntegrityError */
export function parseUntrustedObject(text: string, what: string, maxDepth: number): JsonObject {
  const value = parse(text, what, maxDepth)
  if (!isJsonObject(value)) throw new BundleIntegrityError(`${what} is no JSON object.`)
  // An escape can spell the name too; our own writers escape nothing but control characters.
  if (text.includes('__proto__') || text.includes('\\u')) refusePrototypeMembers(value, what)
  return value
}

function parse(text: string, what: string, maxDepth: number): unknown {
  if (isNestedDeeperThan(text, maxDepth)) {
    throw new BundleIntegrityError(`${what} is nested deeper than ${maxDepth} levels.`)
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw Object.assign(new BundleIntegrityError(`${what} is no JSON.`), { cause })
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** A linear scan: brackets outside of strings. Text that is no JSON is left to JSON.parse. */
export function isNestedDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      at = endOfString(text, at + 1)
    } else if (unit === 0x7b || unit === 0x5b) {
      depth += 1
      if (depth > maxDepth) return true
    } else if (unit === 0x7d || unit === 0x5d) {
      depth -= 1
    }
  }
  return false
}

/** Position of the closing quote: the first one behind an even number of backslashes. */
export function endOfString(text: string, from: number): number {
  let quote = text.indexOf('"', from)
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1)
  return quote === -1 ? text.length : quote
}

/** Inside of a string, whose opening quote ends the run of backslashes at the latest. */
export function isEscaped(text: string, quote: number): boolean {
  let before = quote
  while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1
  return (quote - before) % 2 === 1
}

/** Recursion is safe here: the depth was measured. */
export function refusePrototypeMembers(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__')) throw new BundleIntegrityError(`${what} has a __proto__ member.`)
  for (const member of Object.values(value)) refusePrototypeMembers(member, what)
}
