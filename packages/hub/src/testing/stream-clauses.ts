/** `txStream`: a transaction whose operations are made while the store takes them. */
import { expect } from 'vitest'
import type { NoydbStore, TxOp } from '../types/store.ts'
import { envelope, expectConflict, type StoreTest } from './open-store.ts'

function put(id: string, version: number, expectedVersion?: number): TxOp {
  const op = { vault: 'v', collection: 'c', id, op: 'put', envelope: envelope(version) } as const
  return expectedVersion === undefined ? op : { ...op, expectedVersion }
}

const puts = (from: number, count: number): TxOp[] =>
  Array.from({ length: count }, (_, at) => put(`r${from + at}`, 1, 0))

async function* batches(...parts: readonly (readonly TxOp[])[]): AsyncGenerator<readonly TxOp[]> {
  for (const part of parts) yield part
}

async function* failingAfter(...parts: readonly (readonly TxOp[])[]): AsyncGenerator<readonly TxOp[]> {
  yield* batches(...parts)
  throw new Error('no more')
}

const held = (store: NoydbStore): Promise<string[]> => store.list('v', 'c')

export const streamTests: Record<string, StoreTest> = {
  'batches apply together, in order': async (store, skip) => {
    if (store.txStream === undefined) return skip()
    await store.txStream(batches([], puts(0, 700), [put('r0', 2, 1)], puts(700, 700)))
    expect(await held(store)).toHaveLength(1_400)
    expect((await store.get('v', 'c', 'r0'))?._v).toBe(2)
  },

  'no batch at all is fine': async (store, skip) => {
    if (store.txStream === undefined) return skip()
    await store.txStream(batches())
    expect(await held(store)).toEqual([])
  },

  'a conflict in a late batch leaves no trace of the ones before': async (store, skip) => {
    if (store.txStream === undefined) return skip()
    await store.put('v', 'c', 'late', envelope(4))
    await expectConflict(store.txStream(batches(puts(0, 900), puts(900, 900), [put('late', 6, 5)])), 4)
    expect(await held(store)).toEqual(['late'])
    await store.put('v', 'c', 'next', envelope(1))
    expect(await held(store)).toHaveLength(2)
  },

  'what throws while it makes batches leaves no trace either': async (store, skip) => {
    if (store.txStream === undefined) return skip()
    await expect(store.txStream(failingAfter(puts(0, 900), puts(900, 900)))).rejects.toThrow('no more')
    expect(await held(store)).toEqual([])
    await store.txStream(batches(puts(0, 2)))
    expect(await held(store)).toHaveLength(2)
  },

  'a source is let go after a conflict': async (store, skip) => {
    if (store.txStream === undefined) return skip()
    let ended = false
    async function* source(): AsyncGenerator<readonly TxOp[]> {
      try {
        for (let batch = 0; batch < 3_000; batch += 1) yield [put('same', 1, 0)]
      } finally {
        ended = true
      }
    }
    await expectConflict(store.txStream(source()), 1)
    expect(ended).toBe(true)
  },
}
