import { expect, test } from 'vitest'
import { freeKey, suggestKey } from './client-key.ts'
import { addDays, daysBetween, formatDate, isIsoDate } from './dates.ts'
import { periodOf, periodsBetween } from './period.ts'

test('only days that exist are dates', () => {
  expect(['2026-02-28', '2024-02-29'].every(isIsoDate)).toBe(true)
  expect(['2026-02-29', '2026-13-01', '2026-1-1', '2026-01-01T00:00'].some(isIsoDate)).toBe(false)
})

test('days are counted without a time zone', () => {
  expect(addDays('2026-03-28', 2)).toBe('2026-03-30')
  expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2)
  expect(formatDate('2026-05-03', 'en-GB')).toBe('3 May 2026')
  expect(formatDate('soon', 'en-GB')).toBe('soon')
})

test('periods are months', () => {
  expect(periodOf('2026-05-03')).toBe('2026-05')
  expect(periodOf('2026-05-33')).toBeNull()
  expect(periodsBetween('2025-11', '2026-02')).toEqual(['2025-11', '2025-12', '2026-01', '2026-02'])
})

test('client keys are plain and free', () => {
  expect(suggestKey('Chevalier & Cie.')).toBe('chevalier-cie')
  expect(suggestKey('Toms Spezialitäten')).toBe('toms-spezialitaten')
  expect(suggestKey('会社')).toBe('client')
  expect(freeKey('Chevalier', new Set(['chevalier', 'chevalier-2']))).toBe('chevalier-3')
})
