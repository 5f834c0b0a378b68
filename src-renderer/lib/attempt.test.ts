import { expect, test } from 'vitest'
import { Attempt } from './attempt.svelte.ts'

test('is busy while it runs, and says whether it came through', async () => {
  const attempt = new Attempt()
  const seen: boolean[] = []
  expect(await attempt.run(async () => seen.push(attempt.busy))).toBe(true)
  expect(seen).toEqual([true])
  expect(attempt.busy).toBe(false)
})

test('keeps how it failed until the next attempt', async () => {
  const attempt = new Attempt()
  const failure = new Error('no')
  expect(await attempt.run(() => Promise.reject(failure))).toBe(false)
  expect(attempt.failure).toBe(failure)
  expect(attempt.busy).toBe(false)
  await attempt.run(() => Promise.resolve())
  expect(attempt.failure).toBeUndefined()
})
