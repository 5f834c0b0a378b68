import { expect, test } from 'vitest'
import { createLanes } from './lanes.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('jobs of one lane run one after another, other lanes beside them', async () => {
  const lanes = createLanes()
  const log: string[] = []
  const job = (name: string) => async () => {
    log.push(`${name}+`)
    await turn()
    log.push(`${name}-`)
  }
  await Promise.all([lanes.run('a', job('1')), lanes.run('a', job('2')), lanes.run('b', job('3'))])
  expect(log.indexOf('2+')).toBeGreaterThan(log.indexOf('1-'))
  expect(log.indexOf('3+')).toBeLessThan(log.indexOf('1-'))
})

test('a failing job does not stop the lane', async () => {
  const lanes = createLanes()
  const failing = lanes.run('a', () => Promise.reject(new Error('no')))
  const next = lanes.run('a', () => Promise.resolve('yes'))
  await expect(failing).rejects.toThrow('no')
  await expect(next).resolves.toBe('yes')
})

test('no lane waits for nothing', async () => {
  const lanes = createLanes()
  const never = lanes.run('a', () => new Promise<never>(() => undefined))
  await expect(lanes.run(null, () => Promise.resolve(1))).resolves.toBe(1)
  expect(never).toBeInstanceOf(Promise)
})
