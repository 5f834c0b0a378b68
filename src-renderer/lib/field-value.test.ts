import { describe, expect, test } from 'vitest'
import type { FieldHint } from '../../src-shared/ipc/common.ts'
import { editText, parseValue } from './field-parse.ts'
import { formatDelta, formatValue } from './field-value.ts'
import { diffWords } from './diff-words.ts'

const hint = (type: FieldHint['type'], more: Partial<FieldHint> = {}): FieldHint => ({
  path: 'f',
  label: 'F',
  type,
  ...more,
})
const gb = { locale: 'en-GB', currency: 'EUR' }
const de = { locale: 'de-DE', currency: 'EUR' }

describe('formatValue', () => {
  test.each([
    [3438, hint('money'), gb, '34.38'],
    [-123456789, hint('money'), de, '−1.234.567,89'],
    [1500, hint('money'), { locale: 'en-GB', currency: 'JPY' }, '1,500'],
    ['12345678901234567.8900', hint('decimal'), gb, '12,345,678,901,234,567.8900'],
    [5, hint('number'), gb, '5'],
    ['2026-05-03', hint('date'), gb, '3 May 2026'],
    ['1996-07-04 00:00:00.000', hint('date'), gb, '4 Jul 1996'],
    ['soon', hint('date'), gb, 'soon'],
    [true, hint('boolean'), gb, 'yes'],
    [null, hint('text'), gb, 'empty'],
    [undefined, hint('object'), gb, 'not there'],
    [[1, 2], hint('lines'), gb, '2 lines'],
  ])('%s reads as %s', (value, field, context, text) => {
    expect(formatValue(value, field, context)).toBe(text)
  })
})

describe('formatDelta', () => {
  test.each([
    [3238, 3438, hint('money'), gb, '+2.00'],
    [3438, 3238, hint('money'), de, '−2,00'],
    [0, -5, hint('money'), gb, '−0.05'],
    [5, 6, hint('number'), gb, '+1'],
    ['0.1', '0.30', hint('decimal'), gb, '+0.20'],
    ['2026-05-31', '2026-06-03', hint('date'), gb, '+3 days'],
    ['2026-06-03', '2026-06-02', hint('date'), gb, '−1 day'],
    [5, 5, hint('number'), gb, null],
    [null, 5, hint('number'), gb, null],
    ['a', 'b', hint('text'), gb, null],
  ])('%s to %s', (from, to, field, context, delta) => {
    expect(formatDelta(from, to, field, context)).toBe(delta)
  })
})

describe('parseValue', () => {
  test.each([
    ['34.38', hint('money'), gb, 3438],
    ['1.234,5', hint('money'), de, 123450],
    ['−5', hint('money'), gb, -500],
    ['', hint('money'), gb, null],
    ['1.234,5', hint('decimal'), de, '1234.5'],
    ['1,234.5', hint('number'), gb, 1234.5],
    ['31/05/2026', hint('date'), gb, '2026-05-31'],
    ['31.5.2026', hint('date'), de, '2026-05-31'],
    ['2026-05-31', hint('date'), de, '2026-05-31'],
    ['Yes', hint('boolean'), gb, true],
    ['PAID', hint('choice', { choices: ['open', 'paid'] }), gb, 'paid'],
    [' spaces stay ', hint('text'), gb, ' spaces stay '],
  ])('%s', (text, field, context, value) => {
    expect(parseValue(text, field, context)).toEqual({ ok: true, value })
  })

  test.each([
    ['abc', hint('money'), 'Not an amount in EUR. Type it as 34.38.'],
    ['1.2345', hint('money'), 'Not an amount in EUR. Type it as 34.38.'],
    ['31/02/2026', hint('date'), 'Not a date. Type it as 2026-05-31.'],
    ['maybe', hint('boolean'), 'Type yes or no.'],
    ['lost', hint('choice', { choices: ['open', 'paid'] }), 'Choose one of: open, paid.'],
  ])('%s is refused in words', (text, field, message) => {
    expect(parseValue(text, field, gb)).toEqual({ ok: false, message })
  })

  test('keeps the time after a date, and takes back what it offered', () => {
    expect(parseValue('1996-07-05', hint('date'), gb, '1996-07-04 00:00:00.000')).toEqual({
      ok: true,
      value: '1996-07-05 00:00:00.000',
    })
    expect(parseValue(editText(-123450, hint('money'), de), hint('money'), de)).toEqual({
      ok: true,
      value: -123450,
    })
  })
})

test('only the words that differ are marked', () => {
  expect(diffWords('59 rue de Abbaye', '61 rue de Abbaye')).toEqual([
    { text: '61', changed: true },
    { text: ' rue de Abbaye', changed: false },
  ])
  expect(diffWords('a b', 'a & b, c').map((part) => part.text)).toEqual(['a ', '& ', 'b', ', c'])
  expect(diffWords('same', 'same')).toEqual([{ text: 'same', changed: false }])
  expect(diffWords('', 'new').map((part) => part.changed)).toEqual([true])
})
