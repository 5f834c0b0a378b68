/** Decision 3 on a store that has no transactions and stops in the middle: versions of a record never restart. */
import { expect, it } from 'vitest'
import { memory } from '../memory.ts'
import { bareStore, session } from '../noydb/test-session.ts'
import { faultStore } from '../testing/model/fault-store.ts'

it.each([
  [0, false],
  [0, true],
  [1, false],
  [1, true],
])('a record made again goes on after a stop at write %d (done: %s)', async (writes, done) => {
  const faults = faultStore(bareStore(memory()))
  const open = async () => (await (await session(faults.store)).openVault('v')).collection<object>('notes')
  const notes = await open()
  await notes.put('a', { n: 1 })
  await notes.delete('a')
  faults.stopAfter(writes, done)
  await expect((await open()).put('a', { n: 2 })).rejects.toThrow('stopped')
  expect(faults.heal()).toBe(true)
  const after = await open()
  const { version = 1 } = (await after.entry('a'))?.metadata ?? {}
  await after.put('a', { n: 3 })
  const again = (await after.entry('a'))?.metadata.version ?? 0
  expect(again).toBeGreaterThan(version)
  expect(again).toBeGreaterThan(1)
})
