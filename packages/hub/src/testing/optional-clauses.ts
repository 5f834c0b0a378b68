/** Optional methods, tested where the store has them. */
import { expect } from 'vitest'
import type { NoydbStore } from '../types/store.ts'
import { AWKWARD_IDS, byUtf8, envelope, FULL_ENVELOPE, type StoreTest } from './open-store.ts'

async function readPages(store: NoydbStore, limit?: number): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const page = await store.listPage?.('v', 'c', cursor, limit)
    pages.push((page?.items ?? []).map((item) => item.id))
    cursor = page?.nextCursor ?? undefined
  } while (cursor !== undefined)
  return pages
}

export const optionalTests: Record<string, StoreTest> = {
  'ping is true': async (store, skip) => {
    if (store.ping === undefined) return skip()
    expect(await store.ping()).toBe(true)
  },

  'listVaults names each vault with a row once': async (store, skip) => {
    if (store.listVaults === undefined) return skip()
    await store.put('v', 'c', 'a', envelope(1))
    await store.put('v', '_meta', 'handle', envelope(1))
    await store.put('w/x', '_keyring', 'anna', envelope(1))
    expect([...(await store.listVaults())].sort()).toEqual(['v', 'w/x'])
  },

  'listPage gives whole rows in the byte order of their ids, each once': async (store, skip) => {
    if (store.listPage === undefined) return skip()
    for (const id of AWKWARD_IDS) await store.put('v', 'c', id, { ...FULL_ENVELOPE, _data: id })
    await store.put('v', 'other', 'x', envelope(1))
    const pages = await readPages(store, 4)
    expect(pages.flat()).toEqual([...AWKWARD_IDS].sort(byUtf8))
    expect(pages.every((page) => page.length <= 4)).toBe(true)
    const first = (await store.listPage('v', 'c', undefined, 1)).items[0]
    expect(first?.envelope).toStrictEqual({ ...FULL_ENVELOPE, _data: first?.id })
  },

  'list names rows in the order of pages, where the store says so': async (store, skip) => {
    if (store.capabilities?.idOrder !== true || store.listPage === undefined) return skip()
    for (const [at, id] of AWKWARD_IDS.toReversed().entries()) await store.put('v', 'c', id, envelope(at + 1))
    expect(await store.list('v', 'c')).toEqual((await readPages(store, 7)).flat())
  },

  'listPage gives a hundred rows by default, and null after the last': async (store, skip) => {
    if (store.listPage === undefined) return skip()
    for (let at = 0; at < 101; at += 1) await store.put('v', 'c', `r${at}`, envelope(1))
    expect((await readPages(store)).map((page) => page.length)).toEqual([100, 1])
    expect(await store.listPage('v', 'none')).toEqual({ items: [], nextCursor: null })
  },

  'listPage ends with a full page when the rows do': async (store, skip) => {
    if (store.listPage === undefined) return skip()
    for (const id of ['a', 'b', 'c', 'd']) await store.put('v', 'c', id, envelope(1))
    expect((await readPages(store, 2)).map((page) => page.length)).toEqual([2, 2])
  },

  'getMany answers in the order asked, null where absent, repeats included': async (store, skip) => {
    if (store.getMany === undefined) return skip()
    await store.put('v', 'c', 'a', envelope(1))
    await store.put('v', 'c', 'b', FULL_ENVELOPE)
    const found = await store.getMany('v', 'c', ['b', 'none', 'a', 'b'])
    expect(found).toStrictEqual([FULL_ENVELOPE, null, envelope(1), FULL_ENVELOPE])
    expect(await store.getMany('v', 'c', [])).toEqual([])
    expect(await store.getMany('none', 'none', ['a'])).toEqual([null])
  },

  'getMany takes more ids than one statement binds': async (store, skip) => {
    if (store.getMany === undefined) return skip()
    await store.put('v', 'c', 'r4321', envelope(2))
    const found = await store.getMany(
      'v',
      'c',
      Array.from({ length: 5000 }, (_, at) => `r${at}`),
    )
    expect(found).toHaveLength(5000)
    expect(found[4321]?._v).toBe(2)
  },

  'listCollections names what holds a row, reserved ones included': async (store, skip) => {
    if (store.listCollections === undefined) return skip()
    await store.put('v', 'clients', 'a', envelope(1))
    await store.put('v', '_keyring', 'anna', envelope(1))
    await store.put('v', 'gone', 'a', envelope(1))
    await store.delete('v', 'gone', 'a')
    expect([...(await store.listCollections('v'))].sort()).toEqual(['_keyring', 'clients'])
    expect(await store.listCollections('none')).toEqual([])
  },

  'listSince names what was written after a time': async (store, skip) => {
    if (store.listSince === undefined) return skip()
    await store.put('v', 'c', 'old', { ...envelope(1), _ts: '2025-01-01T00:00:00.000Z' })
    await store.put('v', 'c', 'new', { ...envelope(1), _ts: '2025-02-01T00:00:00.000Z' })
    expect(await store.listSince('v', 'c', '2025-01-15T00:00:00.000Z')).toEqual(['new'])
  },

  'stats count rows and payload bytes of every collection': async (store, skip) => {
    if (store.stats === undefined) return skip()
    await store.put('v', 'clients', 'a', envelope(1, 'abcd'))
    await store.put('v', '_keyring', 'anna', envelope(1, 'ab'))
    await store.put('v', 'clients', 'b', envelope(1, 'abcdef'))
    const stats = await store.stats('v')
    expect(stats.records).toBe(3)
    expect(stats.collections['clients']?.records).toBe(2)
    expect(stats.collections['_keyring']?.records).toBe(1)
    const sum = Object.values(stats.collections).reduce((total, one) => total + one.bytes, 0)
    expect(stats.bytes).toBe(sum)
    expect(stats.bytes).toBeGreaterThanOrEqual(12)
    expect((await store.stats('none')).records).toBe(0)
  },
}
