import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatMinor, isDecimal, lineAmount, minorToDecimal, shareOf, sumMinor } from './money.ts'
import { parseAmount } from './parse-amount.ts'

describe('lineAmount', () => {
  test.each([
    ['12', '14.00', undefined, 'EUR', 16800],
    ['3', '0.335', undefined, 'EUR', 101], // 1.005 rounds up, where a float would say 1.00
    ['-3', '0.335', undefined, 'EUR', -101], // half away from zero, not up
    ['10', '9.80', '0.05', 'EUR', 9310],
    ['1.5', '1001', undefined, 'JPY', 1502],
    ['2', '0.0005', undefined, 'KWD', 1],
  ])('%s × %s less %s in %s is %s', (quantity, unitPrice, discount, currency, amount) => {
    expect(lineAmount({ quantity, unitPrice, discount }, currency)).toBe(amount)
  })

  test('refuses what is no decimal, and what is beyond exact integers', () => {
    expect(() => lineAmount({ quantity: '1e3', unitPrice: '1' }, 'EUR')).toThrow(RangeError)
    expect(() => lineAmount({ quantity: '9'.repeat(20), unitPrice: '1' }, 'EUR')).toThrow(RangeError)
  })
})

test('sums stay exact and refuse fractions', () => {
  expect(sumMinor([10, 20, -5])).toBe(25)
  expect(Object.is(sumMinor([5, -5]), 0)).toBe(true)
  expect(() => sumMinor([0.1])).toThrow(RangeError)
})

test('a share rounds half away from zero', () => {
  expect(shareOf(250, '0.05')).toBe(13)
  expect(shareOf(-250, '0.05')).toBe(-13)
})

test('formats by language, currency digits and negative style', () => {
  expect(formatMinor(123456, 'EUR', 'en-GB')).toBe('1,234.56')
  expect(formatMinor(123456, 'EUR', 'de-DE')).toBe('1.234,56')
  expect(formatMinor(-123456, 'EUR', 'en-GB', 'parentheses')).toBe('(1,234.56)')
  expect(formatMinor(1234, 'JPY', 'en-GB')).toBe('1,234')
  expect(formatMinor(Number.MAX_SAFE_INTEGER, 'EUR', 'en-GB')).toBe('90,071,992,547,409.91')
  expect(minorToDecimal(-5, 'EUR')).toBe('-0.05')
})

describe('parseAmount', () => {
  test.each([
    ['1,234.50', 'EUR', 'en-GB', 123450],
    ['1.234,50', 'EUR', 'en-GB', 123450],
    ['1 234,50', 'EUR', 'fr-FR', 123450],
    ["1'234.5", 'CHF', 'de-CH', 123450],
    ['(12.00)', 'EUR', 'en-GB', -1200],
    ['\u221212', 'EUR', 'en-GB', -1200],
    ['12,00-', 'EUR', 'de-DE', -1200],
    ['1,234', 'EUR', 'en-GB', 123400],
    ['1,234', 'EUR', 'de-DE', null], // three decimals are one too many
    ['1.234', 'KWD', 'en-GB', 1234],
    ['1.234.567', 'EUR', 'en-GB', 123456700],
    ['12,34,567.00', 'INR', 'en-IN', 123456700],
    ['.50', 'EUR', 'en-GB', 50],
    ['12.345', 'JPY', 'de-DE', 12345],
    ['', 'EUR', 'en-GB', null],
    ['abc', 'EUR', 'en-GB', null],
    ['1.2.3', 'EUR', 'en-GB', null],
    ['--5', 'EUR', 'en-GB', null],
    ['9'.repeat(20), 'EUR', 'en-GB', null],
  ])('%s %s in %s is %s', (text, currency, locale, minor) => {
    expect(parseAmount(text, currency, locale)).toBe(minor)
  })

  test('reads back whatever is formatted', () => {
    const amounts = fc.integer({ min: -1e12, max: 1e12 })
    const places = fc.constantFrom('en-GB', 'de-DE', 'fr-FR', 'de-CH', 'en-IN', 'sv-SE')
    const currencies = fc.constantFrom('EUR', 'JPY', 'KWD')
    fc.assert(
      fc.property(amounts, places, currencies, fc.boolean(), (minor, locale, currency, brackets) => {
        const text = formatMinor(minor, currency, locale, brackets ? 'parentheses' : 'minus')
        expect(parseAmount(text, currency, locale)).toBe(minor)
      }),
    )
  })
})

test('decimals have no exponent, sign only in front, one point', () => {
  expect(['1', '-1.50', '0.05'].every(isDecimal)).toBe(true)
  expect(['1e3', '+1', '.5', '1.', ''].some(isDecimal)).toBe(false)
})
