import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openStore, putOp } from '../testing/workspace.ts'
import { Patience } from './patience.ts'

/** A clock that every look at it moves by `step` milliseconds. */
function ticking(step: number): () => number {
  let now = 0
  return () => (now += step)
}

const never = (): undefined => undefined

it('finds an answer that comes while it looks', () => {
  let looks = 0
  const patience = new Patience(ticking(0.01))
  expect(patience.lookFor('get', () => (++looks < 3 ? undefined : 'answer'))).toBe('answer')
})

it('stops looking for an answer that does not come', () => {
  let looks = 0
  const look = (): undefined => {
    looks += 1
  }
  expect(new Patience(ticking(0.1)).lookFor<string>('get', look)).toBeUndefined()
  expect(looks).toBe(4)
})

it('leaves alone, for longer and longer, calls whose answers did not come twice and more', () => {
  const patience = new Patience(ticking(0.001))
  const found = (): boolean => patience.lookFor('tx', () => true) ?? false
  const miss = (): void => expect(patience.lookFor<string>('tx', never)).toBeUndefined()
  miss()
  expect(found()).toBe(true)
  miss()
  miss()
  expect(patience.lookFor('get', () => 'another call')).toBe('another call')
  expect(found()).toBe(false)
  miss()
  expect([found(), found(), found()]).toEqual([false, false, true])
  miss()
  expect(found()).toBe(true)
})

it('stops looking when the turn of the event loop has taken long enough', async () => {
  const patience = new Patience(ticking(0.1))
  let found = 0
  while (patience.lookFor('get', () => 'answer') !== undefined) found += 1
  expect(found).toBeGreaterThan(10)
  expect(found).toBeLessThan(100)
  await nextTurn()
  await nextTurn()
  expect(patience.lookFor('get', () => 'answer')).toBe('answer')
})

it('one awaited call after the other lets timers and other input in between', async () => {
  const store = await openStore()
  await store.tx([putOp('a')])
  let turns = 0
  const timer = setInterval(() => (turns += 1))
  for (let call = 0; call < 3_000; call += 1) expect(await store.get('v', 'c', 'a')).not.toBeNull()
  clearInterval(timer)
  expect(turns).toBeGreaterThan(1)
})
