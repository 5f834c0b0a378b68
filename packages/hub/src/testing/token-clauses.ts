/** `listByToken`, and the operations `index` and `check` that come with it. */
import { expect } from 'vitest'
import type { NoydbStore, TxOp } from '../types/store.ts'
import { AWKWARD_IDS, byUtf8, envelope, expectConflict, type StoreTest } from './open-store.ts'

const at = (id: string) => ({ vault: 'v', collection: 'c', id })
const put = (id: string): TxOp => ({ ...at(id), op: 'put', envelope: envelope(1) })
const index = (id: string, ...tokens: string[]): TxOp => ({ ...at(id), op: 'index', tokens })

async function found(store: NoydbStore, tokens: readonly string[], limit?: number): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.listByToken?.('v', 'c', tokens, cursor, limit)
    for (const { id } of page?.items ?? []) ids.push(id)
    cursor = page?.nextCursor ?? undefined
  } while (cursor !== undefined)
  return ids
}

/** Skips the clause on a store without tokens. */
const clause =
  (test: (store: NoydbStore, tx: (ops: readonly TxOp[]) => Promise<void>) => Promise<void>): StoreTest =>
  async (store, skip) => {
    if (store.listByToken === undefined) return skip()
    await test(store, async (ops) => {
      if (store.tx === undefined) throw new Error('This level promises tx, which the store lacks.')
      await store.tx(ops)
    })
  }

export const tokenTests: Record<string, StoreTest> = {
  'a row is found under each of its tokens, whole, and under no other': clause(async (store, tx) => {
    await tx([put('a'), index('a', 'red', 'big'), put('b'), index('b', 'red'), put('c')])
    expect(await found(store, ['red'])).toEqual(['a', 'b'])
    expect(await found(store, ['big'])).toEqual(['a'])
    expect(await found(store, ['green'])).toEqual([])
    const page = await store.listByToken?.('v', 'c', ['big'])
    expect(page).toEqual({ items: [{ id: 'a', envelope: envelope(1) }], nextCursor: null })
  }),

  'several tokens find each row once, in byte order, over pages': clause(async (store, tx) => {
    await tx(AWKWARD_IDS.flatMap((id, nth) => [put(id), index(id, 'all', nth % 2 === 0 ? 'even' : 'odd')]))
    const sorted = [...AWKWARD_IDS].sort(byUtf8)
    expect(await found(store, ['all'], 4)).toEqual(sorted)
    expect(await found(store, ['odd', 'even', 'all'], 5)).toEqual(sorted)
  }),

  'tokens are replaced, and taken away by none': clause(async (store, tx) => {
    await tx([put('a'), index('a', 'red')])
    await tx([index('a', 'blue')])
    expect(await found(store, ['red'])).toEqual([])
    expect(await found(store, ['blue', 'blue'])).toEqual(['a'])
    await tx([index('a')])
    expect(await found(store, ['blue'])).toEqual([])
  }),

  'a deleted row is not found': clause(async (store, tx) => {
    await tx([put('a'), index('a', 'red')])
    await store.delete('v', 'c', 'a')
    expect(await found(store, ['red'])).toEqual([])
  }),

  'tokens belong to one collection of one vault': clause(async (store, tx) => {
    await tx([put('a'), index('a', 'red')])
    const elsewhere = { ...at('x'), vault: 'w' } as const
    await tx([
      { ...elsewhere, op: 'put', envelope: envelope(1) },
      { ...elsewhere, op: 'index', tokens: ['red'] },
    ])
    expect(await found(store, ['red'])).toEqual(['a'])
  }),

  'check and index fail the transaction at another version': clause(async (store, tx) => {
    await tx([put('a'), { ...at('none'), op: 'check', expectedVersion: 0 }])
    await expectConflict(tx([put('b'), { ...at('a'), op: 'check', expectedVersion: 2 }]), 1)
    await expectConflict(tx([put('b'), { ...at('a'), op: 'check', expectedVersion: 0 }]), 1)
    await expectConflict(tx([{ ...at('a'), op: 'index', tokens: ['red'], expectedVersion: 3 }]), 1)
    expect(await store.list('v', 'c')).toEqual(['a'])
    expect(await found(store, ['red'])).toEqual([])
    await tx([{ ...at('a'), op: 'check', expectedVersion: 1 }])
  }),

  'tokens of a transaction that failed are gone with it': clause(async (store, tx) => {
    await tx([put('a'), index('a', 'red')])
    await expectConflict(tx([index('a', 'blue'), { ...at('a'), op: 'check', expectedVersion: 9 }]), 1)
    expect(await found(store, ['red'])).toEqual(['a'])
  }),
}
