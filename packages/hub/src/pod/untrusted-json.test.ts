import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BundleIntegrityError } from '../errors.ts'
import { isNestedDeeperThan, parseUntrustedObject } from './untrusted-json.ts'

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

describe('nesting', () => {
  it('is measured as it is, strings with brackets, quotes and backslashes included', () => {
    const keys = fc.string({ unit: fc.constantFrom('"', '\\', '{', '[', ']', '}', 'a') })
    const values = fc.jsonValue({
      maxDepth: 6,
      stringUnit: fc.constantFrom('"', '\\', '{', '[', ']', '}', 'a'),
    })
    fc.assert(
      fc.property(fc.dictionary(keys, values), (value) => {
        const depth = depthOf(value)
        expect(isNestedDeeperThan(JSON.stringify(value), depth)).toBe(false)
        expect(isNestedDeeperThan(JSON.stringify(value), depth - 1)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('is refused without recursion, a million levels as well as two hundred', () => {
    for (const depth of [200, 1_000_000]) {
      const text = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
      expect(() => parseUntrustedObject(text, 'It', 72)).toThrow(BundleIntegrityError)
    }
  })

  it('takes linear time over backslashes', () => {
    const started = performance.now()
    isNestedDeeperThan(`"${'\\'.repeat(2_000_000)}"`, 4)
    isNestedDeeperThan(`"${'\\"'.repeat(1_000_000)}"`, 4)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('parseUntrustedObject', () => {
  it('refuses what is no object, and a prototype at any level and in any spelling', () => {
    for (const text of [
      '[]',
      '1',
      'null',
      '"x"',
      '',
      '{"a":1}x',
      '{"a":[{"__proto__":{}}]}',
      '{"\\u005f_proto__":1}',
    ]) {
      expect(() => parseUntrustedObject(text, 'It', 8)).toThrow(BundleIntegrityError)
    }
    expect(parseUntrustedObject('{"a":"__proto__"}', 'It', 8)).toEqual({ a: '__proto__' })
  })

  it('keeps the last of two members of one name', () => {
    expect(parseUntrustedObject('{"a":1,"a":2}', 'It', 8)).toEqual({ a: 2 })
  })
})
