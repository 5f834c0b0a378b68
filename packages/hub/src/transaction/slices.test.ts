import { expect, it } from 'vitest'
import { eachInSlices, Slices } from './slices.ts'

/** Takes at least so long, whatever else the machine does. */
function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end;);
}

function itemsUntilDue(slices: Slices, ms: number): number {
  for (let items = 1; ; items += 1) {
    work(ms)
    if (slices.due()) return items
  }
}

it('lets a slice of slow items end after a few of them', async () => {
  const slices = new Slices()
  expect(itemsUntilDue(slices, 3)).toBeLessThanOrEqual(4)
  await slices.pause()
  expect(itemsUntilDue(slices, 10)).toBe(1)
})

it('notices within eight items that they have become slow', async () => {
  const slices = new Slices()
  for (let item = 0; item < 3; item += 1) slices.due()
  expect(itemsUntilDue(slices, 3)).toBeLessThanOrEqual(8 + 4)
})

it('gives every item once and in order, with turns of the event loop in between', async () => {
  const given: number[] = []
  let turns = 0
  const count = (): void => {
    turns += 1
    if (given.length < 20) setImmediate(count)
  }
  setImmediate(count)
  await eachInSlices([...Array(20).keys()], new Slices(), (item) => {
    work(2)
    given.push(item)
  })
  expect(given).toEqual([...Array(20).keys()])
  expect(turns).toBeGreaterThanOrEqual(3)
})
