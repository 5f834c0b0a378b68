import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeKeyText, encodeKeyText } from './key-text.ts'

const handle = '01JGXZ0000000000000000ABCD'
const other = '01JGXZ0000000000000000ABCE'
const key = Uint8Array.from({ length: 32 }, (_, at) => at * 7)
const text = encodeKeyText({ [handle]: key })
const groups = text.split(/\s/)
const slipOf = (typed: string): unknown => {
  try {
    return decodeKeyText(typed, [handle])
  } catch (error) {
    return error
  }
}
const mistyped = (...wrong: number[]): unknown =>
  expect.objectContaining({ code: 'KEY_MISTYPED', groups: wrong })
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

describe('a key as text', () => {
  it('is fourteen groups of five, on two lines', () => {
    expect(text.split('\n').map((line) => line.split(' ').map(({ length }) => length))).toEqual([
      Array.from({ length: 7 }, () => 5),
      Array.from({ length: 7 }, () => 5),
    ])
  })

  it('comes back whatever the key is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        expect(decodeKeyText(encodeKeyText({ [handle]: bytes }), [other, handle])).toEqual({
          [handle]: bytes,
        })
      }),
    )
  })

  it.each([
    ['in one run', groups.join('')],
    ['in small letters', text.toLowerCase()],
    ['with hyphens', groups.join('-')],
    ['on one line with spaces around', `  ${groups.join('   ')}\r\n`],
    ['with look-alikes', text.replaceAll('0', 'o').replaceAll('1', 'l')],
  ])('may be typed %s', (_how, typed) => {
    expect(decodeKeyText(typed, [handle])).toEqual({ [handle]: key })
  })

  it('names the group of any single wrong character', () => {
    for (const [at, group] of groups.entries()) {
      for (const place of [0, 1, 2, 3, 4]) {
        for (const letter of letters) {
          if (letter === group[place]) continue
          const typed = groups.with(at, group.slice(0, place) + letter + group.slice(place + 1))
          expect(slipOf(typed.join(' '))).toEqual(mistyped(at + 1))
          expect(slipOf(typed.join(''))).toEqual(mistyped(at + 1))
        }
      }
    }
  })

  it('names the group where any two characters changed places, and both groups that did', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(13),
        fc.nat(3),
        fc.nat(13),
        (bytes, at, place, to) => {
          const own = encodeKeyText({ [handle]: bytes }).split(/\s/)
          const group = own[at] ?? ''
          const swapped =
            group.slice(0, place) + group.charAt(place + 1) + group.charAt(place) + group.slice(place + 2)
          if (swapped !== group) expect(slipOf(own.with(at, swapped).join(' '))).toEqual(mistyped(at + 1))
          const moved = own.with(at, own[to] ?? '').with(to, group)
          if (at !== to)
            expect(slipOf(moved.join(' '))).toEqual(mistyped(Math.min(at, to) + 1, Math.max(at, to) + 1))
        },
      ),
    )
  })

  it('names the group that is too short or too long, and the place where a run slips', () => {
    expect(slipOf(groups.with(4, '7H2K').join(' '))).toEqual(mistyped(5))
    expect(slipOf(groups.with(4, `${groups[4]}0`).join(' '))).toEqual(mistyped(5))
    expect(slipOf(groups.with(4, '7H2U9').join(' '))).toEqual(mistyped(5))
    expect(slipOf(groups.join('').slice(0, 69))).toEqual(mistyped(14))
    expect(slipOf(groups.slice(0, 13).join(' '))).toEqual(mistyped(14))
  })

  it('says when it is for another bundle, is empty, or is no text for a key at all', () => {
    const code = (typed: string, handles = [other]) => {
      try {
        return decodeKeyText(typed, handles)
      } catch (error) {
        return (error as { code?: string }).code
      }
    }
    expect(code(text)).toBe('KEY_OF_OTHER_BUNDLE')
    expect(code(' \n')).toBe('KEY_INVALID')
    expect(code('x'.repeat(100_000))).toBe('KEY_INVALID')
    expect(code('AB '.repeat(17 * 14))).toBe('KEY_INVALID')
  })

  it('holds several keys, counts groups through, and is not written for very many', () => {
    const two = { [handle]: key, [other]: key.toReversed() }
    const both = encodeKeyText(two)
    expect(decodeKeyText(both, [other, handle])).toEqual(two)
    const broken = both.split(/\s+/).with(16, 'AAAAA').join(' ')
    expect(slipOf(broken)).toEqual(mistyped(17))
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`h${at}`, key]))
    expect(() => encodeKeyText(many)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }))
    expect(() => encodeKeyText({})).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }))
  })
})
