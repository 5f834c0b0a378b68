/** What an operation on a `large` collection touches. */
import { expect, it } from 'vitest'
import { memory } from '../memory.ts'
import { session } from '../noydb/test-session.ts'
import { countingStore } from '../testing/counting-store.ts'
import type { NoydbOptions } from '../types/vault.ts'
import { RecentRows } from './recent-rows.ts'

const ofRows = (calls: readonly string[]) => calls.filter((call) => call.split(' ')[1] === 'c')

async function reopened(options: Partial<NoydbOptions> = {}) {
  const { store, calls } = countingStore(memory())
  const rows = Array.from({ length: 500 }, (_, at) => ({ id: `r${at}`, record: { at } }))
  const before = (await (await session(store)).openVault('v')).collection('c', { large: true })
  await before.putMany(rows)
  for (let at = 0; at < 50; at += 1) await before.delete(`r${at}`)
  const vault = await (await session(store, options)).openVault('v')
  calls()
  return { store, calls, collection: vault.collection<{ at: number }>('c', { large: true }) }
}

it('the first put after opening looks at its own row and its tombstone', async () => {
  const { calls, collection } = await reopened()
  await collection.put('r100', { at: -1 })
  const touched = calls()
  expect(ofRows(touched)).toEqual(['get c r100'])
  expect(touched.filter((call) => call.includes('_tombstones'))).toEqual(['get _tombstones c/r100'])
  expect(await collection.getMetadata('r100')).toMatchObject({ version: 2 })
})

it('a deleted row comes back with the next version, though the list of tombstones was never read', async () => {
  const { calls, collection } = await reopened()
  await collection.put('r7', { at: 7 })
  expect(await collection.getMetadata('r7')).toMatchObject({ version: 2 })
  await collection.delete('r7')
  await collection.put('r7', { at: 8 })
  expect(await collection.getMetadata('r7')).toMatchObject({ version: 3 })
  expect(calls()).not.toContain('list _tombstones')
})

it('a get reads one row, and a second get none until somebody writes', async () => {
  const { calls, collection } = await reopened()
  expect(await collection.get('r200')).toEqual({ at: 200 })
  expect(await collection.get('r200')).toEqual({ at: 200 })
  expect(ofRows(calls())).toEqual(['get c r200'])
  await collection.put('r200', { at: -200 })
  expect(await collection.get('r200')).toEqual({ at: -200 })
  await collection.delete('r200')
  expect(await collection.get('r200')).toBeNull()
})

it('rows that were given out are copies', async () => {
  const { collection } = await reopened()
  const mine = await collection.get('r300')
  Object.assign(mine ?? {}, { at: 'changed' })
  expect(await collection.get('r300')).toEqual({ at: 300 })
})

it('a get that was on its way while the row was written is not remembered', async () => {
  const { collection } = await reopened()
  const [, early] = await Promise.all([collection.put('r400', { at: -1 }), collection.get('r400')])
  expect([400, -1]).toContain(early?.at)
  expect(await collection.get('r400')).toEqual({ at: -1 })
})

it('with no budget every get reads', async () => {
  const { calls, collection } = await reopened({ recentBytes: 0 })
  await collection.get('r200')
  await collection.get('r200')
  expect(ofRows(calls())).toHaveLength(2)
})

it('what was not asked for the longest is forgotten first, and a row beyond the budget at once', () => {
  const recent = new RecentRows(1_000)
  const [left, right] = [{}, {}]
  const row = (id: string) => ({ id, record: id, version: 1, ts: 't' })
  recent.set(left, 'a', row('a'), 200)
  recent.set(right, 'a', row('b'), 200)
  expect(recent.get(left, 'a')).toMatchObject({ record: 'a' })
  recent.set(left, 'c', row('c'), 200)
  expect(recent.get(right, 'a')).toBeUndefined()
  expect(recent.get(left, 'a')).toMatchObject({ record: 'a' })
  recent.set(left, 'huge', row('huge'), 1_000)
  expect(recent.get(left, 'huge')).toBeUndefined()
  expect(recent.bytes).toBe(800)
  recent.forget(left)
  expect(recent.bytes).toBe(0)
})
