import { describe, expect, it } from 'vitest'
import { QuiesceTimeoutError } from '../errors.ts'
import { WriteCounter } from '../events/write-queue.ts'
import { quiesce } from './quiesce.ts'

/** Timers that keep the process alive. */
function activeTimers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}

function busy() {
  const writes = new WriteCounter()
  let finish = (): void => undefined
  const write = writes.track(() => new Promise<void>((resolve) => (finish = resolve)))
  return { writes, end: () => (finish(), write) }
}

describe('quiesce', () => {
  it('ends with the last write, and its timer keeps no process alive', async () => {
    const { writes, end } = busy()
    const before = activeTimers()
    const waiting = quiesce(writes, 'v')
    expect(activeTimers()).toBe(before)
    await end()
    await waiting
    expect(activeTimers()).toBe(before)
  })

  it('gives up after a while', async () => {
    const { writes, end } = busy()
    await expect(quiesce(writes, 'v', 1)).rejects.toThrow(QuiesceTimeoutError)
    await end()
  })

  it('does not wait when nothing is under way', async () => {
    await quiesce(new WriteCounter(), 'v', 0)
  })
})
