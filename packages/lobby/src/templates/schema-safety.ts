/**
 * What a JSON Schema from outside must not ask for. It runs at every write, in the main thread: a pattern that backtracks
 * without end, or a comparison of every entry of a long list with every other, would stop the window.
 */
import { TemplateInvalidError } from './errors.ts'
import { pointer } from './pointer.ts'

const MOST_UNIQUE = 1000

/** @throws TemplateInvalidError with the pointer of the keyword */
export function checkSchemaSafety(schema: unknown, path: string): void {
  if (typeof schema !== 'object' || schema === null) return
  for (const [keyword, value] of Object.entries(schema)) {
    const fault = faultOf(keyword, value, schema)
    if (fault !== null) throw new TemplateInvalidError(`${path}${pointer(keyword)}`, fault)
    checkInside(keyword, value, `${path}${pointer(keyword)}`)
  }
}

// Below these stand names of fields, which are no keywords.
const NAMED = new Set(['properties', '$defs', 'definitions', 'dependentSchemas', 'patternProperties'])
// Below these stand values to compare with, whatever they look like.
const PLAIN = new Set(['enum', 'const', 'default', 'examples'])

function checkInside(keyword: string, value: unknown, path: string): void {
  if (typeof value !== 'object' || value === null || PLAIN.has(keyword)) return
  if (!NAMED.has(keyword) && !Array.isArray(value)) return checkSchemaSafety(value, path)
  for (const [name, inner] of Object.entries(value)) checkSchemaSafety(inner, `${path}${pointer(name)}`)
}

function faultOf(keyword: string, value: unknown, schema: object): string | null {
  if (keyword === '$async') return 'a schema of a template answers at once'
  if (keyword === 'pattern') return patternFault(value)
  if (keyword === 'patternProperties' && typeof value === 'object' && value !== null)
    return (
      Object.keys(value)
        .map(patternFault)
        .find((fault) => fault !== null) ?? null
    )
  if (keyword === 'uniqueItems' && value === true && mostItems(schema) > MOST_UNIQUE)
    return `a list of unique entries states maxItems of at most ${MOST_UNIQUE}`
  return null
}

function mostItems(schema: object): number {
  return 'maxItems' in schema && typeof schema.maxItems === 'number' ? schema.maxItems : Infinity
}

/** Refuses whatever could take long on a text of `LONGEST_MATCHED`: repeated groups, look-around, back references, many choices. */
function patternFault(pattern: unknown): string | null {
  if (typeof pattern !== 'string') return 'a pattern is a text'
  if (pattern.length > 200) return 'a pattern has at most 200 characters'
  // A class counts as one letter, an escape as another; what is left shows the structure.
  const bare = pattern.replaceAll(/\[(?:[^\]\\]|\\.)*\]/g, 'c').replaceAll(/\\[^1-9k]/g, 'e')
  if (bare.includes('\\')) return 'a pattern refers back to no group'
  if (/\(\?(?!:)/.test(bare)) return 'a pattern has no look-around and no named groups'
  if (/\)[*+?{]/.test(bare)) return 'a pattern repeats no group'
  if (countOf(bare, /[*+]|\{\d+,\d*\}/g) > 2) return 'a pattern has at most two of * and +'
  return countOf(bare, /\?(?!:)|\|/g) > 8 ? 'a pattern has at most eight of ? and |' : null
}

function countOf(text: string, what: RegExp): number {
  return text.match(what)?.length ?? 0
}

/** No longer text matches a pattern. */
const LONGEST_MATCHED = 500

/** What ajv matches patterns with. */
export const boundedRegExp = Object.assign(
  (pattern: string, flags: string) => {
    const regExp = new RegExp(pattern, flags)
    return { test: (text: string) => text.length <= LONGEST_MATCHED && regExp.test(text) }
  },
  { code: 'boundedRegExp' }, // only written into stand-alone validators, which are not made here
)
