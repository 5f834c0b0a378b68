/** Some of the inputs that `run.ts` makes by the hundred thousand. */
import { expect, it } from 'vitest'
import { fire, grownBytes, MEMORY_CAP } from './fire.ts'

it('damaged input is read or refused with a code, within the memory it may take', async () => {
  const reports = await fire({ count: 1600, seed: 'house' })
  for (const shots of reports) {
    expect(shots.defects, shots.target).toEqual([])
    expect(shots.accepted + shots.refused).toBe(shots.count)
    // Neither all wrong nor all right: the damage is what it should be.
    expect(Math.min(shots.accepted, shots.refused), shots.target).toBeGreaterThan(shots.count / 50)
    expect(grownBytes(shots), shots.target).toBeLessThan(MEMORY_CAP)
  }
}, 300_000)
