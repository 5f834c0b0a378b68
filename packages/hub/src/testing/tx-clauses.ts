/** Transactions: several rows, over vaults of one store, all or nothing, in order. */
import { expect } from 'vitest'
import type { EncryptedEnvelope, NoydbStore, TxOp } from '../types/store.ts'
import { envelope, expectConflict, FULL_ENVELOPE, type StoreTest } from './open-store.ts'

async function tx(store: NoydbStore, ops: readonly TxOp[]): Promise<void> {
  if (store.tx === undefined) throw new Error('This level promises tx, which the store lacks.')
  await store.tx(ops)
}

function put(id: string, next: EncryptedEnvelope, expectedVersion?: number, vault = 'v'): TxOp {
  const op = { vault, collection: 'c', id, op: 'put', envelope: next } as const
  return expectedVersion === undefined ? op : { ...op, expectedVersion }
}

function remove(id: string, expectedVersion?: number): TxOp {
  const op = { vault: 'v', collection: 'c', id, op: 'delete' } as const
  return expectedVersion === undefined ? op : { ...op, expectedVersion }
}

function copy(id: string, toId: string): TxOp {
  return { vault: 'v', collection: 'c', id, op: 'copy', toCollection: '_history', toId }
}

const versionOf = async (store: NoydbStore, id: string, vault = 'v'): Promise<number | null> =>
  (await store.get(vault, 'c', id))?._v ?? null

export const txTests: Record<string, StoreTest> = {
  'the store says so': async (store) => {
    expect(store.capabilities?.txAtomic).toBe(true)
  },

  'nothing to do is fine': async (store) => {
    await tx(store, [])
  },

  'puts and deletes apply together, over vaults and reserved collections': async (store) => {
    await store.put('v', 'c', 'gone', envelope(1))
    const keyring = {
      vault: 'w',
      collection: '_keyring',
      id: 'anna',
      op: 'put',
      envelope: FULL_ENVELOPE,
    } as const
    await tx(store, [put('a', envelope(1)), put('b', envelope(1), 0, 'w'), keyring, remove('gone')])
    expect(await store.get('w', '_keyring', 'anna')).toStrictEqual(FULL_ENVELOPE)
    expect(await store.list('v', 'c')).toEqual(['a'])
    expect(await versionOf(store, 'b', 'w')).toBe(1)
  },

  'one conflict anywhere leaves no trace of any op': async (store) => {
    await store.put('w', 'c', 'late', envelope(4))
    await store.put('v', 'c', 'kept', envelope(1))
    const ops = [put('a', envelope(1)), remove('kept'), copy('kept', 'k@1'), put('late', envelope(4), 3, 'w')]
    await expectConflict(tx(store, ops), 4)
    expect(await versionOf(store, 'a')).toBeNull()
    expect(await versionOf(store, 'kept')).toBe(1)
    expect(await store.list('v', '_history')).toEqual([])
    expect(await store.list('v', 'c')).toEqual(['kept'])
  },

  'expectedVersion 0 means absent': async (store) => {
    await tx(store, [put('a', envelope(1), 0)])
    await expectConflict(tx(store, [put('a', envelope(1), 0)]), 1)
  },

  'an absent row counts as version 0': async (store) => {
    await expectConflict(tx(store, [put('a', envelope(6), 5)]), 0)
    await expectConflict(tx(store, [remove('a', 1)]), 0)
    await tx(store, [remove('a', 0), remove('a')])
  },

  'a delete honours the expected version': async (store) => {
    await store.put('v', 'c', 'a', envelope(3))
    await expectConflict(tx(store, [remove('a', 2)]), 3)
    expect(await versionOf(store, 'a')).toBe(3)
    await tx(store, [remove('a', 3)])
    expect(await versionOf(store, 'a')).toBeNull()
  },

  'ops apply in order, each seeing the ones before': async (store) => {
    await tx(store, [
      put('a', envelope(1), 0),
      put('a', envelope(2), 1),
      remove('a', 2),
      put('a', envelope(3), 0),
    ])
    expect(await versionOf(store, 'a')).toBe(3)
    await expectConflict(tx(store, [put('a', envelope(4), 3), put('a', envelope(4), 3)]), 4)
    expect(await versionOf(store, 'a')).toBe(3)
  },

  'a put without an envelope is refused with nothing written': async (store) => {
    const broken = { vault: 'v', collection: 'c', id: 'b', op: 'put' } as const
    await expect(tx(store, [put('a', envelope(1)), broken])).rejects.toThrow()
    expect(await versionOf(store, 'a')).toBeNull()
  },

  'a copy keeps the row as it stands at that point': async (store, skip) => {
    if (store.capabilities?.txCopy !== true) return skip()
    await store.put('v', 'c', 'a', FULL_ENVELOPE)
    await tx(store, [copy('a', 'a@7'), put('a', envelope(8), 7), copy('a', 'a@8')])
    expect(await store.get('v', '_history', 'a@7')).toStrictEqual(FULL_ENVELOPE)
    expect(await store.get('v', '_history', 'a@8')).toStrictEqual(envelope(8))
  },

  'a copy of an absent row copies nothing and overwrites nothing': async (store, skip) => {
    if (store.capabilities?.txCopy !== true) return skip()
    await store.put('v', '_history', 'x', envelope(5))
    await store.put('v', 'c', 'a', envelope(1))
    await tx(store, [copy('none', 'x'), remove('a'), copy('a', 'y')])
    expect((await store.get('v', '_history', 'x'))?._v).toBe(5)
    expect(await store.get('v', '_history', 'y')).toBeNull()
  },

  'of ten transactions at once that expect the same version, one wins': async (store) => {
    await store.put('v', 'c', 'a', envelope(1))
    const racing = Array.from({ length: 10 }, (_, at) => [
      put(`side ${at}`, envelope(1)),
      put('a', envelope(2), 1),
    ])
    const settled = await Promise.allSettled(racing.map((ops) => tx(store, ops)))
    expect(settled.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    expect(await store.list('v', 'c')).toHaveLength(2)
  },

  'two thousand rows are one transaction': async (store) => {
    const ops = Array.from({ length: 2000 }, (_, at) => put(`r${at}`, envelope(1)))
    await expectConflict(tx(store, [...ops, put('r0', envelope(1), 0)]), 1)
    expect(await store.list('v', 'c')).toEqual([])
    await tx(store, ops)
    expect(await store.list('v', 'c')).toHaveLength(2000)
  },
}
