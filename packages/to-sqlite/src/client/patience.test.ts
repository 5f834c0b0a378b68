import { expect, it } from 'vitest'
import { maySpin } from '../spin.ts'
import { openStore, putOp } from '../testing/workspace.ts'
import { Patience } from './patience.ts'

const never = (): undefined => undefined

it.runIf(maySpin)('finds an answer that comes while it looks', () => {
  let looks = 0
  expect(new Patience().lookFor('get', () => (++looks < 3 ? undefined : 'answer'))).toBe('answer')
})

it.runIf(maySpin)('leaves alone, for a while, calls whose answer did not come', () => {
  const patience = new Patience()
  expect(patience.lookFor<string>('tx', never)).toBeUndefined()
  expect(patience.lookFor('tx', () => 'not looked for')).toBeUndefined()
  expect(patience.lookFor('get', () => 'another call')).toBe('another call')
  expect(patience.lookFor('tx', () => 'looked for again')).toBe('looked for again')
  expect(patience.lookFor('tx', () => 'still')).toBe('still')
})

it.runIf(maySpin)('stops looking when the turn of the event loop has taken long enough', async () => {
  const patience = new Patience()
  let found = 0
  while (patience.lookFor('get', () => 'answer') !== undefined) found += 1
  expect(found).toBeGreaterThan(0)
  await new Promise((resolve) => setTimeout(resolve))
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
