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

/** For objects whose keys are ids: `__proto__` is an id like any other there, and is never assigned to. */
export function parseUntrustedRows(text: string, what: string, maxDepth: number): JsonObject {
  const value = parse(text, what, maxDepth)
  if (!isJsonObject(value)) throw new BundleIntegrityError(`${what} is no JSON object.`)
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
function endOfString(text: string, from: number): number {
  let quote = text.indexOf('"', from)
  while (quote !== -1) {
    let before = quote
    while (before > from && text.charCodeAt(before - 1) === BACKSLASH) before -= 1
    if ((quote - before) % 2 === 0) return quote
    quote = text.indexOf('"', quote + 1)
  }
  return text.length
}

/** Recursion is safe here: the depth was measured. */
function refusePrototypeMembers(value: unknown, what: string): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__')) throw new BundleIntegrityError(`${what} has a __proto__ member.`)
  for (const member of Object.values(value)) refusePrototypeMembers(member, what)
}
