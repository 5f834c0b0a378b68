import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { ExclusiveQueue } from './queue.ts'

it('keeps the order of calls around those that want to be alone', async () => {
  const queue = new ExclusiveQueue()
  const seen: string[] = []
  const alone = (name: string) =>
    queue.alone(async () => {
      seen.push(`${name} starts`)
      await nextTurn()
      seen.push(`${name} ends`)
    })
  queue.pass(() => seen.push('first'))
  const both = [alone('a'), alone('b')]
  queue.pass(() => seen.push('last'))
  await Promise.all(both)
  expect(seen).toEqual(['first', 'a starts', 'a ends', 'b starts', 'b ends', 'last'])
})

it('goes on after one that failed', async () => {
  const queue = new ExclusiveQueue()
  await expect(queue.alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  const seen: string[] = []
  queue.pass(() => seen.push('next'))
  expect(seen).toEqual(['next'])
})
