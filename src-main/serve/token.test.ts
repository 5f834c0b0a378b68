import { expect, test } from 'vitest'
import { createTokenDesk } from './token.ts'

test('a token opens one session, once', () => {
  const desk = createTokenDesk()
  const token = desk.issue()
  const session = desk.redeem(token)
  expect(session).not.toBeNull()
  expect(desk.redeem(token)).toBeNull()
  expect(desk.accepts(session?.bearer ?? null, session?.cookie ?? null)).toBe(true)
})

test('a call needs both the bearer and the cookie', () => {
  const desk = createTokenDesk()
  const session = desk.redeem(desk.issue())
  expect(desk.accepts(session?.bearer ?? null, null)).toBe(false)
  expect(desk.accepts(null, session?.cookie ?? null)).toBe(false)
  expect(desk.accepts(session?.cookie ?? null, session?.bearer ?? null)).toBe(false)
})

test('nothing is accepted before a session, not even an empty bearer', () => {
  const desk = createTokenDesk()
  expect(desk.redeem('')).toBeNull()
  desk.issue()
  expect(desk.redeem('guess')).toBeNull()
  expect(desk.accepts('', '')).toBe(false)
  expect(desk.accepts(null, null)).toBe(false)
})

test('a new token ends the session that was open', () => {
  const desk = createTokenDesk()
  const first = desk.redeem(desk.issue())
  const second = desk.redeem(desk.issue())
  expect(desk.accepts(first?.bearer ?? null, first?.cookie ?? null)).toBe(false)
  expect(desk.accepts(second?.bearer ?? null, second?.cookie ?? null)).toBe(true)
})
