import { render } from '@testing-library/svelte'
import { afterEach, describe, expect, it } from 'vitest'
import Amount from './Amount.svelte'
import { display } from './display.svelte.ts'

const defaults = { locale: 'en-GB', negatives: 'minus' } as const
afterEach(() => void Object.assign(display, defaults))

function text(props: {
  minor: number | null
  currency?: string
  delta?: boolean
  showCurrency?: boolean
}): string {
  Object.assign(display, { ...defaults, negatives: display.negatives, locale: display.locale || 'en-GB' })
  const { container } = render(Amount, { props })
  return container.textContent.replace(/\s+/g, ' ').trim()
}

describe('Amount', () => {
  it('shows minor units as the currency has them', () => {
    expect(text({ minor: 123450, currency: 'EUR' })).toBe('1,234.50 EUR')
    expect(text({ minor: 123450, currency: 'JPY' })).toBe('123,450 JPY')
    expect(text({ minor: 123450, currency: 'KWD' })).toBe('123.450 KWD')
  })

  it('puts a minus before a negative amount', () => {
    expect(text({ minor: -5, currency: 'EUR' })).toBe('−0.05 EUR')
  })

  it('puts it in parentheses where the person wants that', () => {
    display.negatives = 'parentheses'
    expect(text({ minor: -123450, currency: 'EUR' })).toBe('(1,234.50) EUR')
  })

  it('always signs a difference, never with parentheses', () => {
    display.negatives = 'parentheses'
    expect(text({ minor: 200, currency: 'EUR', delta: true })).toBe('+2.00 EUR')
    expect(text({ minor: -200, currency: 'EUR', delta: true })).toBe('−2.00 EUR')
    expect(text({ minor: 0, currency: 'EUR', delta: true })).toBe('0.00 EUR')
  })

  it('writes numbers as the reader does', () => {
    display.locale = 'de-DE'
    expect(text({ minor: 123450, currency: 'EUR' })).toBe('1.234,50 EUR')
  })

  it('keeps decimals in a part of their own, so that whole numbers line up on the mark', () => {
    const fraction = (minor: number, currency: string): string | null | undefined =>
      render(Amount, { props: { minor, currency } }).container.querySelector('.fraction')?.textContent
    expect(fraction(-123450, 'EUR')).toBe('.50')
    expect(fraction(123450, 'JPY')).toBe('')
  })

  it('shows a dash for no amount and no currency where the column names it', () => {
    expect(text({ minor: null })).toBe('–')
    expect(text({ minor: 100, currency: 'EUR', showCurrency: false })).toBe('1.00')
  })
})
