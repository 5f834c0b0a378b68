import { describe, expect, it } from 'vitest'
import { DecryptionError, NoAccessError, ReadOnlyError } from '../errors.ts'
import { memory } from '../memory.ts'
import { bareStore, member, session } from '../noydb/test-session.ts'

describe('data keys', () => {
  it.each([
    ['a store with transactions', memory],
    ['a bare store', bareStore],
  ])('survive first writes to many collections at once from two sessions on %s', async (_name, makeStore) => {
    const store = makeStore()
    const [one, two] = await Promise.all([session(store), session(store)])
    const [left, right] = await Promise.all([one.openVault('v'), two.openVault('v')])
    const names = Array.from({ length: 6 }, (_, n) => `c${n}`)
    await Promise.all(
      names.flatMap((name) => [
        left.collection(name).put('left', { from: 'left' }),
        right.collection(name).put('right', { from: 'right' }),
      ]),
    )
    const fresh = await (await session(store)).openVault('v')
    for (const name of names) {
      expect(await fresh.collection(name).count()).toBe(2)
      expect(await fresh.collection(name).get('left')).toEqual({ from: 'left' })
    }
  })

  it('are found by other full roles when minted after their grant', async () => {
    const store = memory()
    const db = await session(store)
    const owner = await db.openVault('v')
    await db.grant('v', member('vic', 'viewer'))
    await owner.collection('later').put('x', { n: 1 })
    const viewer = await (await session(store, { user: 'vic' })).openVault('v', { create: false })
    expect(await viewer.collection('later').list()).toEqual([{ n: 1 }])
    await expect(viewer.collection('later').put('y', { n: 2 })).rejects.toThrow(ReadOnlyError)
    await expect(viewer.collection('later').delete('x')).rejects.toThrow(ReadOnlyError)
  })

  it('are not minted again over rows whose key is lost', async () => {
    const store = memory()
    const owner = await (await session(store)).openVault('v')
    await owner.collection('c').put('x', { n: 1 })
    await store.delete('v', '_deks', 'c')
    const envelope = await store.get('v', '_keyring', 'ann')
    const file = JSON.parse(envelope?._data ?? '') as { deks: Record<string, string> }
    delete file.deks.c
    await store.put('v', '_keyring', 'ann', { ...envelope!, _data: JSON.stringify(file) }) // read above
    const again = await (await session(store)).openVault('v')
    await expect(again.collection('c').list()).rejects.toThrow(DecryptionError)
    await expect(again.collection('c').put('y', {})).rejects.toThrow(DecryptionError)
    expect(await again.collection('other').list()).toEqual([])
  })

  it('give an operator the listed collections and no others', async () => {
    const store = memory()
    const db = await session(store)
    const owner = await db.openVault('v')
    await owner.collection('mine').put('x', { n: 1 })
    await owner.collection('read').put('x', { n: 2 })
    await owner.collection('secret').put('x', { n: 3 })
    await db.grant('v', member('olga', 'operator', { permissions: { mine: 'rw', read: 'ro' } }))
    const operator = await (await session(store, { user: 'olga' })).openVault('v')
    await operator.collection('mine').put('y', { n: 4 })
    expect(await operator.collection('read').list()).toEqual([{ n: 2 }])
    await expect(operator.collection('read').put('y', {})).rejects.toThrow(ReadOnlyError)
    await expect(operator.collection('secret').list()).rejects.toThrow(NoAccessError)
    await expect(operator.collection('secret').put('y', {})).rejects.toThrow(NoAccessError)
    const chunks = await Array.fromAsync(operator.exportStream())
    expect(chunks.map(({ collection }) => collection)).toEqual(['mine', 'read'])
  })
})
