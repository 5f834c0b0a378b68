/** What every store does with single rows. */
import { expect } from 'vitest'
import { AWKWARD_IDS, envelope, expectConflict, FULL_ENVELOPE, type StoreTest } from './open-store.ts'

export const baseTests: Record<string, StoreTest> = {
  'get of anything absent gives null': async (store) => {
    expect(await store.get('no-vault', 'no-collection', 'no-id')).toBeNull()
    await store.put('v', 'c', 'a', envelope(1))
    expect(await store.get('v', 'c', 'b')).toBeNull()
    expect(await store.get('v', 'other', 'a')).toBeNull()
    expect(await store.get('other', 'c', 'a')).toBeNull()
  },

  'list and loadAll of anything absent are empty': async (store) => {
    expect(await store.list('no-vault', 'no-collection')).toEqual([])
    expect(await store.loadAll('no-vault')).toEqual({})
  },

  'delete of anything absent does nothing': async (store) => {
    await store.delete('no-vault', 'no-collection', 'no-id')
    await store.put('v', 'c', 'a', envelope(1))
    await store.delete('v', 'c', 'b')
    expect(await store.list('v', 'c')).toEqual(['a'])
  },

  'an envelope comes back exactly, optional members included': async (store) => {
    await store.put('v', 'c', 'full', FULL_ENVELOPE)
    expect(await store.get('v', 'c', 'full')).toStrictEqual(FULL_ENVELOPE)
  },

  'optional members that were not given do not appear': async (store) => {
    await store.put('v', 'c', 'bare', envelope(1))
    expect(await store.get('v', 'c', 'bare')).toStrictEqual(envelope(1))
    await store.put('v', 'c', 'full', FULL_ENVELOPE)
    await store.put('v', 'c', 'full', envelope(8))
    expect(await store.get('v', 'c', 'full')).toStrictEqual(envelope(8))
  },

  'an empty initialisation vector and plain JSON text are kept': async (store) => {
    const plain = { ...envelope(1), _iv: '', _data: '{"name":"Café 🧾","quote":"\\"\'"}' }
    await store.put('v', '_meta', 'handle', plain)
    expect(await store.get('v', '_meta', 'handle')).toStrictEqual(plain)
  },

  'a payload of one megabyte is kept': async (store) => {
    const large = envelope(1, 'QUJD'.repeat(262_144))
    await store.put('v', 'c', 'large', large)
    expect(await store.get('v', 'c', 'large')).toStrictEqual(large)
  },

  'a put replaces, and list names each id once': async (store) => {
    await store.put('v', 'c', 'a', envelope(1))
    await store.put('v', 'c', 'b', envelope(1))
    await store.put('v', 'c', 'a', envelope(2))
    expect([...(await store.list('v', 'c'))].sort()).toEqual(['a', 'b'])
    expect((await store.get('v', 'c', 'a'))?._v).toBe(2)
  },

  'the order of list does not move when a row is overwritten': async (store) => {
    for (const id of ['m', 'a', 'z']) await store.put('v', 'c', id, envelope(1))
    const before = await store.list('v', 'c')
    await store.put('v', 'c', 'a', envelope(2))
    expect(await store.list('v', 'c')).toEqual(before)
  },

  'a deleted row is gone and can be put again': async (store) => {
    await store.put('v', 'c', 'a', envelope(3))
    await store.delete('v', 'c', 'a')
    expect(await store.get('v', 'c', 'a')).toBeNull()
    expect(await store.list('v', 'c')).toEqual([])
    await store.put('v', 'c', 'a', envelope(4))
    expect((await store.get('v', 'c', 'a'))?._v).toBe(4)
  },

  'any text up to 512 bytes is an id': async (store) => {
    for (const [at, id] of AWKWARD_IDS.entries()) await store.put('v', 'c', id, envelope(at + 1))
    for (const [at, id] of AWKWARD_IDS.entries()) expect((await store.get('v', 'c', id))?._v).toBe(at + 1)
    expect([...(await store.list('v', 'c'))].sort()).toEqual([...AWKWARD_IDS].sort())
    for (const id of AWKWARD_IDS) await store.delete('v', 'c', id)
    expect(await store.list('v', 'c')).toEqual([])
  },

  'names of vaults and collections are kept apart': async (store) => {
    const places: Array<[vault: string, collection: string, id: string]> = [
      ['a', 'b/c', 'd'],
      ['a/b', 'c', 'd'],
      ['a', 'b', 'c/d'],
      ['a--k', 'b', 'd'],
      ['A', 'b', 'd'],
    ]
    for (const [at, place] of places.entries()) await store.put(...place, envelope(at + 1))
    for (const [at, place] of places.entries()) expect((await store.get(...place))?._v).toBe(at + 1)
  },

  'reserved collections are rows like others': async (store) => {
    await store.put('v', '_keyring', 'anna', FULL_ENVELOPE)
    expect(await store.list('v', '_keyring')).toEqual(['anna'])
    expect(await store.get('v', '_keyring', 'anna')).toStrictEqual(FULL_ENVELOPE)
  },

  'a put without an expected version overwrites anything': async (store) => {
    await store.put('v', 'c', 'a', envelope(9))
    await store.put('v', 'c', 'a', envelope(1))
    expect((await store.get('v', 'c', 'a'))?._v).toBe(1)
  },

  'a put with another expected version is refused and changes nothing': async (store) => {
    await store.put('v', 'c', 'a', envelope(2))
    await expectConflict(store.put('v', 'c', 'a', envelope(2, 'other'), 1), 2)
    await expectConflict(store.put('v', 'c', 'a', envelope(1, 'other'), 0), 2)
    expect(await store.get('v', 'c', 'a')).toStrictEqual(envelope(2))
    await store.put('v', 'c', 'a', envelope(3), 2)
    expect((await store.get('v', 'c', 'a'))?._v).toBe(3)
  },

  'a put of an absent row is accepted whatever version was expected': async (store) => {
    await store.put('v', 'c', 'a', envelope(6), 5)
    await store.put('v', 'c', 'b', envelope(1), 0)
    expect((await store.get('v', 'c', 'a'))?._v).toBe(6)
    expect((await store.get('v', 'c', 'b'))?._v).toBe(1)
  },

  'an envelope handed in is never changed': async (store) => {
    const given = Object.freeze(envelope(1))
    await store.put('v', 'c', 'a', given)
    await store.put('v', 'c', 'a', envelope(2), 1)
    expect(given).toStrictEqual(envelope(1))
  },
}
