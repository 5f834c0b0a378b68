/** Compare-and-set under contention: of puts that expect one version, one wins. */
import { expect } from 'vitest'
import { ConflictError } from '../errors.ts'
import { envelope, type StoreTest } from './open-store.ts'

export const casTests: Record<string, StoreTest> = {
  'the store says so': async (store) => {
    expect(store.capabilities?.casAtomic).toBe(true)
  },

  'of twenty puts at once that expect the same version, one wins': async (store) => {
    await store.put('v', 'c', 'a', envelope(1))
    const puts = Array.from({ length: 20 }, (_, at) =>
      store.put('v', 'c', 'a', envelope(2, `writer ${at}`), 1),
    )
    const settled = await Promise.allSettled(puts)
    const losers = settled.filter((one) => one.status === 'rejected')
    expect(losers).toHaveLength(19)
    expect(losers.every((one) => one.reason instanceof ConflictError)).toBe(true)
    const winner = settled.findIndex((one) => one.status === 'fulfilled')
    expect((await store.get('v', 'c', 'a'))?._data).toBe(`writer ${winner}`)
  },

  'no increment is lost among writers that retry': async (store) => {
    await store.put('v', 'c', 'n', envelope(1, '0'))
    const increment = async (): Promise<void> => {
      for (;;) {
        const stored = await store.get('v', 'c', 'n')
        if (stored === null) throw new Error('The row is gone.')
        const next = envelope(stored._v + 1, String(Number(stored._data) + 1))
        try {
          await store.put('v', 'c', 'n', next, stored._v)
          return
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error
        }
      }
    }
    await Promise.all(Array.from({ length: 10 }, increment))
    expect(await store.get('v', 'c', 'n')).toMatchObject({ _v: 11, _data: '10' })
  },
}
