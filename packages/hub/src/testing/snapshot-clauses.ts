/** loadAll and saveAll. */
import { expect } from 'vitest'
import { AWKWARD_IDS, envelope, FULL_ENVELOPE, type StoreTest } from './open-store.ts'

export const snapshotTests: Record<string, StoreTest> = {
  'loadAll gives every user collection and no reserved one': async (store) => {
    await store.put('v', 'clients', 'a', FULL_ENVELOPE)
    await store.put('v', 'invoices', 'b', envelope(1))
    await store.put('v', '_keyring', 'anna', envelope(1))
    await store.put('other', 'clients', 'x', envelope(1))
    expect(await store.loadAll('v')).toStrictEqual({
      clients: { a: FULL_ENVELOPE },
      invoices: { b: envelope(1) },
    })
  },

  'loadAll leaves out a collection whose last row was deleted': async (store) => {
    await store.put('v', 'clients', 'a', envelope(1))
    await store.delete('v', 'clients', 'a')
    expect(await store.loadAll('v')).toEqual({})
  },

  'loadAll and saveAll carry any id': async (store) => {
    for (const id of AWKWARD_IDS) await store.put('v', 'c', id, envelope(1, id))
    const data = await store.loadAll('v')
    await store.saveAll('copy', data)
    for (const id of AWKWARD_IDS) expect((await store.get('copy', 'c', id))?._data).toBe(id)
    expect(Object.keys(data['c'] ?? {})).toHaveLength(AWKWARD_IDS.length)
  },

  'saveAll writes user collections': async (store) => {
    await store.saveAll('v', { clients: { a: FULL_ENVELOPE }, invoices: { b: envelope(2) } })
    expect(await store.get('v', 'clients', 'a')).toStrictEqual(FULL_ENVELOPE)
    expect(await store.list('v', 'invoices')).toEqual(['b'])
  },

  'saveAll leaves reserved collections alone, whatever the snapshot holds': async (store) => {
    await store.put('v', '_keyring', 'anna', envelope(5))
    await store.saveAll('v', {
      clients: { a: envelope(1) },
      _keyring: { anna: envelope(1), eve: envelope(1) },
    })
    expect(await store.get('v', '_keyring', 'anna')).toStrictEqual(envelope(5))
    expect(await store.list('v', '_keyring')).toEqual(['anna'])
  },

  'saveAll leaves other vaults alone': async (store) => {
    await store.put('other', 'clients', 'a', envelope(5))
    await store.saveAll('v', { clients: { a: envelope(1) } })
    expect((await store.get('other', 'clients', 'a'))?._v).toBe(5)
  },

  'saveAll replaces a row that is there': async (store) => {
    await store.put('v', 'clients', 'a', envelope(5))
    await store.saveAll('v', { clients: { a: envelope(1) } })
    expect((await store.get('v', 'clients', 'a'))?._v).toBe(1)
  },
}
