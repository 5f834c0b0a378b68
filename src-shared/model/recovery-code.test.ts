import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeGroups, formatRecoveryCode, isSameGroup, parseRecoveryCode } from './recovery-code.ts'

const random = fc.uint8Array({ minLength: 20, maxLength: 20 })

test('a code is nine groups of four without I, L, O and U, and reads back as it was', () => {
  fc.assert(
    fc.property(random, (bytes) => {
      const code = formatRecoveryCode(bytes)
      expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{4}$/)
      expect(parseRecoveryCode(code)).toEqual(bytes)
    }),
  )
})

test('case, spaces and look-alikes do not matter', () => {
  const code = formatRecoveryCode(new Uint8Array(20).fill(0x08))
  const sloppy = code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
  expect(parseRecoveryCode(sloppy)).toEqual(parseRecoveryCode(code))
  expect(isSameGroup(' o1l0 ', '0110')).toBe(true)
  expect(isSameGroup('0111', '0110')).toBe(false)
})

test('one wrong character, two swapped or one missing are noticed', () => {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
  fc.assert(
    fc.property(random, fc.nat(35), fc.nat(34), fc.nat(30), (bytes, at, swap, step) => {
      const plain = codeGroups(formatRecoveryCode(bytes)).join('')
      const other = digits[(digits.indexOf(plain[at] ?? '') + 1 + step) % 32] ?? ''
      expect(parseRecoveryCode(plain.slice(0, at) + other + plain.slice(at + 1))).toBeNull()
      expect(parseRecoveryCode(plain.slice(0, at) + plain.slice(at + 1))).toBeNull()
      const [one = '', two = ''] = plain.slice(swap, swap + 2)
      const swapped = plain.slice(0, swap) + two + one + plain.slice(swap + 2)
      expect(parseRecoveryCode(swapped) === null).toBe(one !== two)
    }),
  )
})

test('what is no code at all is refused', () => {
  for (const text of ['', 'hello', 'U'.repeat(36), '_'.repeat(36)]) expect(parseRecoveryCode(text)).toBeNull()
  expect(() => formatRecoveryCode(new Uint8Array(19))).toThrow(RangeError)
})
