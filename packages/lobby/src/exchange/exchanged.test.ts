import { expect, it } from 'vitest'
import type { Body } from '../import/types.ts'
import {
  afterReceipt,
  afterSending,
  ancestorOf,
  isOlder,
  withoutReceipt,
  type Chain,
  type Exchanged,
} from './exchanged.ts'

const NONE: ReadonlySet<string> = new Set()
const took = (...ids: string[]): ReadonlySet<string> => new Set(ids)

function sent(exchangeId: string, body: Body | null): Exchanged {
  return { exchangeId, body, version: 1, direction: 'sent', at: exchangeId }
}

function received(exchangeId: string, body: Body | null, sequence = 1): Exchanged {
  return { ...sent(exchangeId, body), direction: 'received', message: { by: 'them', sequence } }
}

function bodies(chain: Chain): (Body | null)[] {
  return chain.map(({ body }) => body)
}

it('counts what was sent once it was taken', () => {
  const chain = [received('m1', { a: 0 }), sent('x1', { a: 1 }), sent('x2', { a: 2 })]
  expect(ancestorOf(chain, NONE)?.body).toEqual({ a: 0 })
  expect(ancestorOf(chain, took('x1'))?.body).toEqual({ a: 1 })
  expect(ancestorOf(chain, took('x2'))?.body).toEqual({ a: 2 })
  expect(ancestorOf([sent('x1', { a: 1 })], NONE)).toBeNull()
})

it('takes a body for known without being told only where there is no other', () => {
  expect(ancestorOf([sent('x1', { a: 1 })], null)?.body).toEqual({ a: 1 })
  expect(ancestorOf([sent('x1', { a: 1 }), sent('x2', { a: 2 })], null)).toBeNull()
  expect(ancestorOf([sent('x0', { a: 9 }), received('m1', { a: 1 })], null)?.body).toEqual({ a: 1 })
})

it('notes every message that carried a body until one was taken', () => {
  const first = afterSending([], sent('x1', { a: 1 }), NONE)
  const again = afterSending(first, sent('x2', { a: 1 }), NONE)
  expect(again).toHaveLength(1)
  expect(ancestorOf(again, took('x2'))?.body).toEqual({ a: 1 })
  expect(afterSending(again, sent('x3', { a: 1 }), took('x1'))).toBe(again)
  const many = Array.from({ length: 20 }, (_, at) => sent(`y${at}`, { a: at }))
  const grown = many.reduce<Chain>((chain, one) => afterSending(chain, one, NONE), [])
  expect(grown).toHaveLength(8)
  expect(ancestorOf(grown, took('y0'))).toBeNull() // asked once more rather than guessed
})

it('keeps what crossed a message on its way, merged with it', () => {
  const chain = [received('m1', { a: 0, b: 0 }), sent('x1', { a: 0, b: 1 }), sent('x2', { a: 2, b: 1 })]
  const after = afterReceipt(chain, received('m2', { a: 1, b: 1 }), took('x1'), undefined)
  expect(bodies(after)).toEqual([{ a: 1, b: 1 }]) // at an overlap their own side, which is all they have
  const apart = afterReceipt(chain, received('m2', { a: 0, b: 5 }), took('x1'), undefined)
  expect(bodies(apart)).toEqual([
    { a: 0, b: 5 },
    { a: 2, b: 5 },
  ])
  expect(ancestorOf(apart, took('x1', 'x2'))?.body).toEqual({ a: 2, b: 5 })
  expect(ancestorOf(apart, took('x1'))?.body).toEqual({ a: 0, b: 5 })
})

it('keeps fields a slice says nothing about', () => {
  const chain = [received('m1', { id: 'r', a: 0, b: 0 }), sent('x1', { id: 'r', a: 0, b: 1 })]
  const after = afterReceipt(chain, received('m2', { id: 'r', a: 5 }), NONE, ['a'])
  expect(bodies(after)).toEqual([
    { id: 'r', a: 5 },
    { id: 'r', a: 5, b: 1 },
  ])
})

it('knows deletions that crossed an edit', () => {
  const chain = [received('m1', { a: 0 }), sent('x1', null)]
  expect(bodies(afterReceipt(chain, received('m2', { a: 1 }), NONE, undefined))).toEqual([{ a: 1 }])
  expect(bodies(afterReceipt(chain, received('m2', { a: 0 }), NONE, undefined))).toEqual([{ a: 0 }, null])
})

it('goes back before a receipt without forgetting what was sent since', () => {
  const before = [sent('x1', { a: 1 })]
  const now = [received('m1', { a: 2 }), sent('x2', { a: 3 })]
  expect(withoutReceipt(before, now).map(({ exchangeId }) => exchangeId)).toEqual(['x1', 'x2'])
})

it('tells a late message by its sender and number', () => {
  const chain = [received('m5', { a: 1 }, 5)]
  expect(isOlder({ by: 'them', sequence: 4 }, chain)).toBe(true)
  expect(isOlder({ by: 'them', sequence: 6 }, chain)).toBe(false)
  expect(isOlder({ by: 'others', sequence: 4 }, chain)).toBe(false)
  expect(isOlder(undefined, chain)).toBe(false)
})
